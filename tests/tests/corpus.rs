//! Replays the fuzz corpus and the vectors' inputs through the fuzz bodies, on stable.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tidewire_tests::fuzz::{BODIES, repository, vector_seeds};

#[test]
fn every_seed_passes_its_body() {
    for (target, body) in BODIES {
        let seeds = fs::read_dir(repository().join("fuzz/corpus").join(target)).unwrap();
        let files = seeds.map(|entry| fs::read(entry.unwrap().path()).unwrap());
        let mut count = 0;
        for seed in files.chain(vector_seeds(target)) {
            body(&seed);
            count += 1;
        }
        println!("{target}: {count} seeds");
        assert!(count > 0, "{target} has no seed");
    }
}

#[test]
fn every_body_is_a_target_with_a_corpus() {
    let fuzz = repository().join("fuzz");
    let bodies: BTreeSet<String> = BODIES.iter().map(|(target, _)| (*target).into()).collect();
    assert_eq!(names(&fuzz.join("fuzz_targets")), bodies);
    assert_eq!(names(&fuzz.join("corpus")), bodies);
}

#[test]
fn the_vectors_give_seeds_to_both_roles() {
    for target in [
        "http_request_bytes",
        "http_response_bytes",
        "ws_server_bytes",
        "ws_client_bytes",
        "ws_cuts",
        "sse_stream_bytes",
        "sse_cuts",
        "sse_source",
    ] {
        assert!(vector_seeds(target).len() > 10, "{target}");
    }
}

/// What stands in a directory, without extensions.
fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).expect("the directory is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}
