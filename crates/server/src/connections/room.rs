use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use registry::LimitKey;

use super::{Link, link::Phase};

/// When there is no room, a client that has sent or read nothing for so long within a request makes room.
const STALLED: Duration = Duration::from_secs(1);

/// So many connections that made room may still have their file handles when the next one is taken in.
const CLOSING: usize = 8;

/// All connections, and how many there may be.
#[derive(Debug)]
pub(crate) struct Connections {
    clock: Instant,
    most: usize,
    most_of_one: usize,
    open: Mutex<Open>,
}

/// Open connections by where they come from, in the order in which they came. `None` stands for the trusted proxies.
#[derive(Debug, Default)]
struct Open {
    links: HashMap<Option<LimitKey>, Vec<Arc<Link>>>,
    count: usize,
    /// Connections that made room, but still have their file handles.
    closing: usize,
}

/// The place of one connection among the others, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    connections: Arc<Connections>,
    from: Option<LimitKey>,
    link: Arc<Link>,
}

impl Connections {
    /// Room for so many in all, and for so many from one address: never for more than half of all, so that one address alone keeps
    /// nobody out.
    pub(crate) fn new(most: usize, most_of_one: usize) -> Self {
        let most = most.max(2);
        Self {
            clock: Instant::now(),
            most,
            most_of_one: most_of_one.clamp(1, most / 2),
            open: Mutex::default(),
        }
    }

    /// Takes in a connection from an address, or from a trusted proxy, whose connections are those of many.
    ///
    /// If there is no room for another from this address, or at all, the one among them that has waited longest for its client goes:
    /// one without a request first. If all are at work, the newest one of the address with the most goes, when that address has
    /// more than the one that asks; else there is no room.
    pub(crate) fn admit(self: &Arc<Self>, from: Option<LimitKey>) -> Option<Seat> {
        let mut open = self.lock();
        let has_its_share = from.is_some() && open.of(from) >= self.most_of_one;
        if has_its_share && !open.make_room(self.clock.elapsed(), |other| other == from) {
            return None;
        }
        let is_full = open.count >= self.most;
        if is_full && !open.make_room(self.clock.elapsed(), |_| true) && !open.unload(from) {
            return None;
        }
        let link = Arc::new(Link::new(self.clock));
        open.links.entry(from).or_default().push(Arc::clone(&link));
        open.count += 1;
        Some(Seat { connections: Arc::clone(self), from, link })
    }

    /// Whether connections that made room are being closed as fast as new ones come: else these have to wait.
    pub(crate) fn keeps_up(&self) -> bool {
        self.lock().closing < CLOSING
    }

    /// Closes the connections whose next request did not begin, or did not get complete, in time.
    pub(crate) fn close_overdue(&self, idle: Duration, head: Duration) {
        let now = self.clock.elapsed();
        for link in self.lock().links.values().flatten() {
            let phase = link.phase();
            let is_overdue = match phase {
                Phase::Idle(since) => now.saturating_sub(since) >= idle,
                Phase::Head(since) => now.saturating_sub(since) >= head,
                Phase::Working | Phase::Client(_) | Phase::Closed => false,
            };
            if is_overdue {
                link.close_if(phase);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn of(&self, from: Option<LimitKey>) -> usize {
        self.links.get(&from).map_or(0, Vec::len)
    }

    /// Closes the connection that has waited longest for its client, among those from where `is_candidate` says.
    fn make_room(&mut self, now: Duration, is_candidate: impl Fn(Option<LimitKey>) -> bool) -> bool {
        let candidates = self.links.iter().filter(|(from, _)| is_candidate(**from));
        let links = candidates.flat_map(|(from, links)| links.iter().map(move |link| (*from, link)));
        let waiting = links.filter_map(|(from, link)| {
            let phase = link.phase();
            let order = match phase {
                Phase::Idle(since) | Phase::Head(since) => (false, since),
                Phase::Client(since) if now.saturating_sub(since) >= STALLED => (true, since),
                Phase::Working | Phase::Client(_) | Phase::Closed => return None,
            };
            Some((order, phase, from, link))
        });
        let Some((_, phase, from, link)) = waiting.min_by_key(|(order, ..)| *order) else { return false };
        let link = Arc::clone(link);
        // It may have gone on meanwhile. Then the next who asks looks again.
        link.close_if(phase) && self.make_way(from, &link)
    }

    /// Closes the newest connection of the address with the most, if that has at least two more than `from`: who comes to an overcrowded
    /// server with its first connection is heard before somebody else's hundredth.
    fn unload(&mut self, from: Option<LimitKey>) -> bool {
        let fair = if from.is_some() { self.of(from) + 1 } else { 1 };
        let addresses = self.links.iter().filter(|(from, links)| from.is_some() && links.len() > fair);
        let Some((from, newest)) = addresses
            .max_by_key(|(_, links)| links.len())
            .and_then(|(from, links)| Some((*from, Arc::clone(links.last()?))))
        else {
            return false;
        };
        newest.close_if(newest.phase()) && self.make_way(from, &newest)
    }

    /// Takes out a connection that is being closed.
    fn make_way(&mut self, from: Option<LimitKey>, link: &Arc<Link>) -> bool {
        self.closing += 1;
        self.remove(from, link)
    }

    fn remove(&mut self, from: Option<LimitKey>, link: &Arc<Link>) -> bool {
        let Some(links) = self.links.get_mut(&from) else { return false };
        let Some(place) = links.iter().position(|other| Arc::ptr_eq(other, link)) else { return false };
        links.remove(place);
        if links.is_empty() {
            self.links.remove(&from);
        }
        self.count -= 1;
        true
    }
}

impl Seat {
    /// The connection that sits here.
    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        if !open.remove(self.from, &self.link) {
            open.closing -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use registry::ClientAddress;

    use super::*;

    fn address(last: u8) -> LimitKey {
        ClientAddress([192, 0, 2, last].into()).limit_key()
    }

    fn room(most: usize, most_of_one: usize) -> Arc<Connections> {
        Arc::new(Connections::new(most, most_of_one))
    }

    /// A connection on which a request is being answered.
    fn working(room: &Arc<Connections>, from: Option<LimitKey>) -> Seat {
        let seat = room.admit(from).expect("there is room");
        assert!(seat.link().begin());
        seat
    }

    fn is_closed(seat: &Seat) -> bool {
        seat.link().phase() == Phase::Closed
    }

    #[test]
    fn one_address_has_at_most_its_share_and_never_more_than_half() {
        for (most, most_of_one, expected) in [(100, 10, 10), (100, 90, 50), (2, 512, 1)] {
            let room = room(most, most_of_one);
            let seats: Vec<_> = (0..expected).map(|_| working(&room, Some(address(1)))).collect();
            assert!(room.admit(Some(address(1))).is_none(), "{expected} of {most}");
            assert!(room.admit(Some(address(2))).is_some());
            drop(seats);
            assert!(room.admit(Some(address(1))).is_some(), "room comes back");
        }
    }

    #[test]
    fn a_trusted_proxy_is_many_clients() {
        let room = room(10, 2);
        let seats: Vec<_> = (0..10).map(|_| working(&room, None)).collect();
        assert!(room.admit(None).is_none());
        assert!(!seats.iter().any(is_closed), "nor do others push it out");
    }

    #[test]
    fn the_connection_that_has_been_idle_longest_makes_room() {
        let room = room(4, 2);
        let busy = working(&room, Some(address(1)));
        let idle = [1, 2, 3].map(|last| room.admit(Some(address(last))).expect("there is room"));
        let newcomer = room.admit(Some(address(4))).expect("an idle one makes room");
        assert_eq!((idle.each_ref().map(is_closed), is_closed(&busy)), ([true, false, false], false));
        drop(idle);
        drop(newcomer);
        let open = room.lock();
        assert_eq!((open.count, open.closing), (1, 0), "a connection that was closed is counted once");
    }

    #[test]
    fn whoever_comes_faster_than_others_are_closed_has_to_wait() {
        let room = room(2, 1);
        let mut seats: Vec<_> = (0..=CLOSING).map(|_| room.admit(Some(address(1)))).collect();
        assert!(seats.iter().all(Option::is_some) && !room.keeps_up());
        seats.remove(0);
        assert!(room.keeps_up());
    }

    #[test]
    fn an_address_makes_room_for_itself_among_its_own() {
        let room = room(100, 2);
        let other = room.admit(Some(address(9))).expect("there is room");
        let own = [1, 1].map(|last| room.admit(Some(address(last))).expect("there is room"));
        assert!(room.admit(Some(address(1))).is_some());
        assert_eq!((own.each_ref().map(is_closed), is_closed(&other)), ([true, false], false));
    }

    #[test]
    fn a_client_that_stalls_within_a_request_makes_room_but_not_one_that_has_only_paused() {
        let room = room(4, 1);
        let seats = [1, 2, 3, 4].map(|last| working(&room, Some(address(last))));
        let _waiting = seats.each_ref().map(|seat| seat.link().wait_for_client());
        assert!(room.admit(Some(address(5))).is_none());
        std::thread::sleep(STALLED);
        assert!(room.admit(Some(address(5))).is_some());
        assert_eq!(seats.iter().filter(|seat| is_closed(seat)).count(), 1);
    }

    #[test]
    fn the_address_with_the_most_makes_room_for_whoever_has_less() {
        let room = room(8, 4);
        let many: Vec<_> = [1, 1, 1, 1, 2, 2, 3, 3].map(|last| working(&room, Some(address(last)))).into();
        let newcomer = working(&room, Some(address(4)));
        assert_eq!(many.iter().position(is_closed), Some(3), "the newest of the first address");
        assert!(room.admit(Some(address(3))).is_none(), "it has as many as any");
        drop((many, newcomer));
        assert_eq!(room.lock().count, 0);
    }

    #[test]
    fn whoever_does_not_begin_or_finish_a_request_in_time_is_closed() {
        let room = room(10, 5);
        let (idle, head, busy) =
            (room.admit(Some(address(1))), room.admit(Some(address(1))), working(&room, Some(address(1))));
        let [idle, head] = [idle, head].map(|seat| seat.expect("there is room"));
        head.link().heard();
        room.close_overdue(Duration::MAX, Duration::MAX);
        assert!(!is_closed(&idle) && !is_closed(&head));
        room.close_overdue(Duration::MAX, Duration::ZERO);
        assert!(!is_closed(&idle) && is_closed(&head));
        room.close_overdue(Duration::ZERO, Duration::ZERO);
        assert!(is_closed(&idle) && !is_closed(&busy));
    }
}
