//! What the system knows of a TCP connection: segments, round trip, losses.
//!
//! In: the two addresses of a connection. Out: [`TcpInfo`], a snapshot. Never: holds the socket or asks unless an app does.
//!
//! The socket belongs to the loop that serves it, and an app may ask from anywhere and any time. So the kernel is asked by
//! address, as `ss` does it (`sock_diag(7)`, one message each way), which also needs no `unsafe`.

use std::{io, net::SocketAddr, time::Duration};

/// What the system knows of a TCP connection at one moment, as this end sees it (`tcp_info` of Linux).
///
/// It comes from [`ConnectionInfo::tcp`](crate::ConnectionInfo::tcp), where an example is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpInfo {
    /// Segments that came in, those without data among them (`tcpi_segs_in`; RFC 4898 `tcpEStatsPerfSegsIn`).
    pub segments_in: u32,
    /// Segments that went out, those without data and retransmissions among them.
    pub segments_out: u32,
    /// Segments with data that came in.
    pub data_segments_in: u32,
    /// Segments with data that went out, retransmissions among them.
    pub data_segments_out: u32,
    /// Segments that were sent again.
    pub retransmitted: u32,
    /// Bytes of data that came in.
    pub bytes_in: u64,
    /// Bytes of data that went out and were acknowledged.
    pub bytes_acknowledged: u64,
    /// The smoothed round-trip time.
    pub round_trip: Duration,
    /// The shortest round-trip time of the last minutes.
    pub round_trip_min: Duration,
    /// The most bytes of data that a segment to the peer holds.
    pub segment_size: u32,
    /// How many segments may be under way without acknowledgement.
    pub congestion_window: u32,
}

impl TcpInfo {
    /// Asks the system for the connection whose ends are `local`, ours, and `peer`.
    #[cfg(target_os = "linux")]
    pub(crate) fn of(local: SocketAddr, peer: SocketAddr) -> io::Result<Self> {
        linux::ask(local, peer)
    }

    /// Says that this system is not asked.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of(_: SocketAddr, _: SocketAddr) -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "facts of TCP are known on Linux only"))
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        io::{self, Read, Write},
        net::{IpAddr, SocketAddr},
        time::Duration,
    };

    use socket2::{Domain, Protocol, Socket, Type};

    use super::TcpInfo;

    /// Sends one question and reads its answer, which is there when the question has been taken.
    pub(super) fn ask(local: SocketAddr, peer: SocketAddr) -> io::Result<TcpInfo> {
        let mut socket =
            Socket::new(Domain::from(AF_NETLINK), Type::DGRAM, Some(Protocol::from(NETLINK_SOCK_DIAG)))?;
        socket.set_nonblocking(true)?;
        socket.write_all(&question(local, peer))?;
        let mut answer = [0; ANSWER_MAX];
        let length = socket.read(&mut answer)?;
        read(&answer[..length])
    }

    /// `nlmsghdr`, then `inet_diag_req_v2`.
    fn question(local: SocketAddr, peer: SocketAddr) -> Vec<u8> {
        let mut message = Vec::with_capacity(128);
        message.extend(QUESTION.to_ne_bytes());
        message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        message.extend(NLM_F_REQUEST.to_ne_bytes());
        message.extend([0; 8]); // sequence and port: there is one question, and the system numbers the port
        let family = if local.is_ipv6() { AF_INET6 } else { AF_INET };
        message.extend([family, IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1), 0]);
        message.extend(u32::MAX.to_ne_bytes()); // in whatever state it is
        message.extend(local.port().to_be_bytes());
        message.extend(peer.port().to_be_bytes());
        message.extend(address(local.ip()));
        message.extend(address(peer.ip()));
        message.extend(scope(local).to_ne_bytes());
        message.extend([0xff; 8]); // INET_DIAG_NOCOOKIE
        message
    }

    fn address(address: IpAddr) -> [u8; 16] {
        let mut bytes = [0; 16];
        match address {
            IpAddr::V4(address) => bytes[..4].copy_from_slice(&address.octets()),
            IpAddr::V6(address) => bytes = address.octets(),
        }
        bytes
    }

    fn scope(address: SocketAddr) -> u32 {
        if let SocketAddr::V6(address) = address { address.scope_id() } else { 0 }
    }

    /// `nlmsghdr`, then `inet_diag_msg` and attributes, or an error of the system.
    fn read(answer: &[u8]) -> io::Result<TcpInfo> {
        let kind = answer.get(4..6).map(|bytes| u16::from_ne_bytes([bytes[0], bytes[1]]));
        match kind {
            Some(NLMSG_ERROR) => {
                let code = number(answer, NLMSGHDR).cast_signed();
                return Err(io::Error::from_raw_os_error(code.saturating_neg()));
            }
            // Of a connection that is closed, the listener may be what is found.
            Some(SOCK_DIAG_BY_FAMILY) if answer.get(NLMSGHDR + 1) != Some(&TCP_LISTEN) => (),
            _ => return Err(io::ErrorKind::NotConnected.into()),
        }
        let mut rest = answer.get(NLMSGHDR + INET_DIAG_MSG..).unwrap_or_default();
        while let [low, high, kind_low, kind_high, ..] = *rest {
            let length = usize::from(u16::from_ne_bytes([low, high])).max(ATTRIBUTE);
            if u16::from_ne_bytes([kind_low, kind_high]) == u16::from(INET_DIAG_INFO) {
                return Ok(facts(rest.get(ATTRIBUTE..length.min(rest.len())).unwrap_or_default()));
            }
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        Err(io::ErrorKind::NotConnected.into())
    }

    /// `tcp_info` of `linux/tcp.h`, which only ever grows; what an old system does not tell is 0.
    fn facts(info: &[u8]) -> TcpInfo {
        let microseconds = |at| Duration::from_micros(number(info, at).into());
        TcpInfo {
            segment_size: number(info, 16),
            round_trip: microseconds(68),
            congestion_window: number(info, 80),
            retransmitted: number(info, 100),
            bytes_acknowledged: long(info, 120),
            bytes_in: long(info, 128),
            segments_out: number(info, 136),
            segments_in: number(info, 140),
            round_trip_min: microseconds(148),
            data_segments_in: number(info, 152),
            data_segments_out: number(info, 156),
        }
    }

    fn number(bytes: &[u8], at: usize) -> u32 {
        let found = bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        found.map_or(0, u32::from_ne_bytes)
    }

    fn long(bytes: &[u8], at: usize) -> u64 {
        let found = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        found.map_or(0, u64::from_ne_bytes)
    }

    const AF_INET: u8 = 2;
    const AF_INET6: u8 = 10;
    const AF_NETLINK: i32 = 16;
    const NETLINK_SOCK_DIAG: i32 = 4;
    const IPPROTO_TCP: u8 = 6;
    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    const NLM_F_REQUEST: u16 = 1;
    const NLMSG_ERROR: u16 = 2;
    const INET_DIAG_INFO: u8 = 2;
    const TCP_LISTEN: u8 = 10;
    const NLMSGHDR: usize = 16;
    const INET_DIAG_MSG: usize = 72;
    const ATTRIBUTE: usize = 4;
    const QUESTION: u32 = 16 + 56;
    const ANSWER_MAX: usize = 4096;
}
