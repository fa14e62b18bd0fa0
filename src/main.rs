use std::process::ExitCode;

/// Items are prepared in many small allocations, and freed by another thread: the system's allocator took a quarter of the time
/// that preparing takes (`cargo bench --bench pipeline`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    wiredesk::cli::main()
}
