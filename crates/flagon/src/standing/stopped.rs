//! A thread, stopped for a moment: its registers and its stack.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt as _,
};

use nix::{
    sys::{
        ptrace,
        signal::Signal,
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};

/// What a thread looked like.
pub(super) struct Stopped {
    pub(super) registers: Registers,
    /// From the stack pointer on.
    pub(super) stack: Vec<u8>,
}

/// The registers that a walk begins with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Registers {
    pub(super) instruction: u64,
    pub(super) stack: u64,
    pub(super) frame: u64,
    /// Where the innermost call returns to; of AArch64.
    #[cfg(target_arch = "aarch64")]
    pub(super) link: u64,
}

/// Stops `thread` of `process`, copies what it has, and lets it go on.
pub(super) fn look(process: u32, thread: u32) -> io::Result<Stopped> {
    let number = i32::try_from(thread).map_err(io::Error::other)?;
    let thread = Pid::from_raw(number);
    ptrace::seize(thread, ptrace::Options::empty())?;
    let seen = ptrace::interrupt(thread).map_err(io::Error::from).and_then(|()| wait(thread));
    let (signal, copied) = match seen {
        Ok(signal) => (signal, copy(process, thread)),
        Err(error) => (None, Err(error)),
    };
    ptrace::detach(thread, signal)?;
    copied
}

/// Waits until `thread` stands. Gives the signal that stopped it first, which it still has to be given.
fn wait(thread: Pid) -> io::Result<Option<Signal>> {
    match waitpid(thread, Some(WaitPidFlag::__WALL))? {
        WaitStatus::Stopped(_, signal) => Ok(Some(signal)),
        WaitStatus::PtraceEvent(..) => Ok(None),
        other => Err(io::Error::other(format!("the thread has ended: {other:?}"))),
    }
}

fn copy(process: u32, thread: Pid) -> io::Result<Stopped> {
    let registers = registers(thread)?;
    let end = end_of_stack(&fs::read_to_string(format!("/proc/{process}/maps"))?, registers.stack)
        .ok_or_else(|| io::Error::other("its stack is nowhere"))?;
    let length = usize::try_from(end - registers.stack).unwrap_or(usize::MAX).min(LONGEST);
    let mut stack = vec![0; length];
    File::open(format!("/proc/{process}/mem"))?.read_exact_at(&mut stack, registers.stack)?;
    Ok(Stopped { registers, stack })
}

/// The end of the memory that `pointer` points into.
fn end_of_stack(maps: &str, pointer: u64) -> Option<u64> {
    maps.lines().find_map(|line| {
        let (start, end) = line.split_once(' ')?.0.split_once('-')?;
        let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
        (start..end).contains(&pointer).then_some(end)
    })
}

#[cfg(target_arch = "x86_64")]
fn registers(thread: Pid) -> io::Result<Registers> {
    let all = ptrace::getregs(thread)?;
    Ok(Registers { instruction: all.rip, stack: all.rsp, frame: all.rbp })
}

#[cfg(target_arch = "aarch64")]
fn registers(thread: Pid) -> io::Result<Registers> {
    let all = ptrace::getregs(thread)?;
    Ok(Registers { instruction: all.pc, stack: all.sp, frame: all.regs[29], link: all.regs[30] })
}

/// How many bytes of a stack are copied: the innermost calls, of a recursion without an end.
const LONGEST: usize = 1 << 20;
