//! Programs and libraries, as far as calls are found and named by them.

use std::{collections::HashMap, fs, io, ops::Range, sync::Arc};

use addr2line::{
    Context, demangle_auto,
    gimli::{Dwarf, EndianSlice, RunTimeEndian},
};
use framehop::{
    CacheNative, ExplicitModuleSectionInfo, FrameAddress, MayAllocateDuringUnwind, Module, UnwindRegsNative,
    Unwinder as _, UnwinderNative,
};
use object::{
    Object as _, ObjectSection as _, ObjectSegment as _, ObjectSymbol as _,
    read::{File, ReadCache},
};

use super::{
    StalledCall,
    stopped::{Registers, Stopped},
};

type Bytes = EndianSlice<'static, RunTimeEndian>;

/// The files that were read, kept as long as the helper runs.
#[derive(Default)]
pub(super) struct Programs(HashMap<String, Option<Arc<Program>>>);

/// A program or a library.
struct Program {
    sections: Sections,
    /// Where it would lie if nothing were moved.
    base: u64,
    lines: Option<Context<Bytes>>,
    /// Functions by their addresses, for what has no debug information.
    functions: Vec<(u64, String)>,
}

#[derive(Clone)]
struct Sections {
    text: Option<Range<u64>>,
    frames: Option<(Range<u64>, &'static [u8])>,
    header: Option<(Range<u64>, &'static [u8])>,
    got: Option<Range<u64>>,
}

/// A program and where it lies in a process.
struct Loaded {
    program: Arc<Program>,
    addresses: Range<u64>,
}

impl Programs {
    /// Walks the stack of a thread of `process`.
    pub(super) fn calls(&mut self, process: u32, stopped: &Stopped) -> io::Result<Vec<StalledCall>> {
        let loaded = self.loaded(&fs::read_to_string(format!("/proc/{process}/maps"))?);
        let mut unwinder = UnwinderNative::<&'static [u8], MayAllocateDuringUnwind>::new();
        for (at, loaded) in loaded.iter().enumerate() {
            let Range { start, end } = loaded.addresses;
            unwinder.add_module(Module::new(
                at.to_string(),
                start..end,
                start,
                loaded.program.for_unwinder(),
            ));
        }
        let (mut cache, begin) = (CacheNative::new(), stopped.registers.stack);
        let mut read = |address: u64| {
            let at = usize::try_from(address.checked_sub(begin).ok_or(())?).map_err(drop)?;
            let word = stopped.stack.get(at..at + 8).ok_or(())?;
            word.try_into().map(u64::from_ne_bytes).map_err(drop)
        };
        let first = stopped.registers;
        let mut frames = unwinder.iter_frames(first.instruction, native(first), &mut cache, &mut read);
        let mut calls = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            let address = match frame {
                FrameAddress::InstructionPointer(address) => address,
                FrameAddress::ReturnAddress(_) => frame.address_for_lookup(),
            };
            match loaded.iter().find(|loaded| loaded.addresses.contains(&address)) {
                Some(found) => found.program.name(address - found.addresses.start, &mut calls),
                None => calls.push(StalledCall { function: format!("{address:#x}"), file: None, line: None }),
            }
            if calls.len() >= MOST {
                break;
            }
        }
        Ok(calls)
    }

    /// The files that are mapped, where they begin.
    fn loaded(&mut self, maps: &str) -> Vec<Loaded> {
        let mut spans: Vec<(&str, Range<u64>)> = Vec::new();
        for line in maps.lines() {
            let mut fields = line.splitn(6, ' ');
            let (Some(span), Some(path)) = (fields.next(), fields.nth(4)) else { continue };
            let path = path.trim_start();
            let Some((start, end)) = span.split_once('-') else { continue };
            let (Ok(start), Ok(end)) = (u64::from_str_radix(start, 16), u64::from_str_radix(end, 16)) else {
                continue;
            };
            if !path.starts_with('/') {
                continue;
            }
            match spans.last_mut() {
                Some((last, span)) if *last == path => span.end = end,
                _ => spans.push((path, start..end)),
            }
        }
        let found = spans.into_iter().filter_map(|(path, addresses)| {
            let program = self.0.entry(path.to_owned()).or_insert_with(|| Program::read(path).map(Arc::new));
            Some(Loaded { program: Arc::clone(program.as_ref()?), addresses })
        });
        found.collect()
    }
}

impl Program {
    /// Reads the file at `path`, if it is a program; what is read stays for the life of the helper.
    fn read(path: &str) -> Option<Self> {
        let cache = ReadCache::new(fs::File::open(path).ok()?);
        let file = File::parse(&cache).ok()?;
        let section = |name: &str| {
            let section = file.section_by_name(name)?;
            let data: &'static [u8] = section.uncompressed_data().ok()?.into_owned().leak();
            Some((section.address()..section.address() + section.size(), data))
        };
        let span = |name: &str| {
            let section = file.section_by_name(name)?;
            Some(section.address()..section.address() + section.size())
        };
        let sections = Sections {
            text: span(".text"),
            frames: section(".eh_frame"),
            header: section(".eh_frame_hdr"),
            got: span(".got"),
        };
        let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
        let dwarf = Dwarf::load(|id| {
            let data = section(id.name()).map_or(&[][..], |(_, data)| data);
            Ok::<_, addr2line::gimli::Error>(EndianSlice::new(data, endian))
        });
        let mut functions: Vec<_> = file
            .symbols()
            .chain(file.dynamic_symbols())
            .filter(|symbol| symbol.is_definition() && symbol.kind() == object::SymbolKind::Text)
            .filter_map(|symbol| Some((symbol.address(), symbol.name().ok()?.to_owned())))
            .collect();
        functions.sort();
        Some(Self {
            sections,
            base: file.segments().map(|segment| segment.address()).min().unwrap_or(0) & !0xfff,
            lines: dwarf.ok().and_then(|dwarf| Context::from_dwarf(dwarf).ok()),
            functions,
        })
    }

    fn for_unwinder(&self) -> ExplicitModuleSectionInfo<&'static [u8]> {
        let Sections { text, frames, header, got } = self.sections.clone();
        ExplicitModuleSectionInfo {
            base_svma: self.base,
            text_svma: text,
            got_svma: got,
            eh_frame_svma: frames.as_ref().map(|(span, _)| span.clone()),
            eh_frame: frames.map(|(_, data)| data),
            eh_frame_hdr_svma: header.as_ref().map(|(span, _)| span.clone()),
            eh_frame_hdr: header.map(|(_, data)| data),
            ..ExplicitModuleSectionInfo::default()
        }
    }

    /// Adds the calls at `offset` from the program's beginning: one, and those that the compiler has put into it.
    fn name(&self, offset: u64, calls: &mut Vec<StalledCall>) {
        let address = self.base + offset;
        let before = calls.len();
        if let Some(lines) = &self.lines
            && let Ok(mut frames) = lines.find_frames(address).skip_all_loads()
        {
            while let Ok(Some(frame)) = frames.next() {
                // Where only lines are kept, functions that nothing was put into have none of their own: the symbol names them.
                let function = frame.function.as_ref().and_then(|function| function.demangle().ok());
                let name = function.map(|name| readable(&name)).unwrap_or_default();
                let place = frame.location.as_ref();
                calls.push(StalledCall {
                    function: name,
                    file: place.and_then(|place| place.file).map(str::to_owned),
                    line: place.and_then(|place| place.line),
                });
            }
        }
        let at = self.functions.partition_point(|(start, _)| *start <= address);
        let symbol = at.checked_sub(1).and_then(|at| self.functions.get(at));
        let name = symbol.map(|(_, name)| readable(&demangle_auto(name.as_str().into(), None)));
        match calls[before..].last_mut() {
            // The one that the others were put into: its symbol has its whole path.
            Some(call) => call.function = name.unwrap_or_else(|| std::mem::take(&mut call.function)),
            None => calls.push(StalledCall { function: name.unwrap_or("?".into()), file: None, line: None }),
        }
    }
}

/// A function's name without the hash at its end.
fn readable(function: &str) -> String {
    match function.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            name.to_owned()
        }
        _ => function.to_owned(),
    }
}

#[cfg(target_arch = "x86_64")]
fn native(registers: Registers) -> UnwindRegsNative {
    UnwindRegsNative::new(registers.instruction, registers.stack, registers.frame)
}

#[cfg(target_arch = "aarch64")]
fn native(registers: Registers) -> UnwindRegsNative {
    UnwindRegsNative::new(registers.link, registers.stack, registers.frame)
}

/// How many calls are named at most.
const MOST: usize = 128;
