#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| secimg_fuzz::raw_frame(data));
