//! How a page is looked at: how wide the window is, and in which theme.

use serde_json::json;

use crate::driver::Driver;

/// A width and a theme.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    width: u32,
    theme: &'static str,
}

/// A phone and a desk, by day and by night.
pub(crate) const ALL: [Look; 4] = [
    Look { width: 360, theme: "light" },
    Look { width: 360, theme: "dark" },
    Look { width: 1440, theme: "light" },
    Look { width: 1440, theme: "dark" },
];

impl Look {
    /// Looks at the page this way from now on.
    pub(crate) async fn take(self, driver: &Driver) {
        let size = json!({ "width": self.width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        driver.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!([{ "name": "prefers-color-scheme", "value": self.theme }]);
        driver.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// For names of files: `360-light`.
    pub(crate) fn name(self) -> String {
        format!("{}-{}", self.width, self.theme)
    }
}
