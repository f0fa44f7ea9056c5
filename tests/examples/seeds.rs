//! Writes the vectors' inputs as seeds for one fuzz target into a directory:
//! `cargo run -p tidewire-tests --example seeds -- <target> <directory>`.

use std::path::PathBuf;
use std::{env, fs, io};

use tidewire_tests::fuzz::vector_seeds;

fn main() -> io::Result<()> {
    let usage = "usage: seeds <target> <directory>";
    let mut arguments = env::args().skip(1);
    let target = arguments.next().expect(usage);
    let directory = PathBuf::from(arguments.next().expect(usage));
    fs::create_dir_all(&directory)?;
    for (index, seed) in vector_seeds(&target).iter().enumerate() {
        fs::write(directory.join(format!("vector-{index}")), seed)?;
    }
    Ok(())
}
