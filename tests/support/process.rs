//! Child processes that never outlive the test that started them.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A child process, killed when this is dropped and when the whole test process dies, also by SIGKILL.
///
/// Beside the child runs a shell that reads from a pipe whose other end only the test process holds: when the pipe breaks, the
/// shell kills the child. (The kernel's parent-death signal would fire at the end of the *thread* that started the child.)
pub struct Guarded {
    child: Child,
    watchdog: Child,
    exit: Option<ExitStatus>,
}

impl Guarded {
    /// Starts `command` with both its outputs appended to `log`.
    pub fn spawn(command: &mut Command, log: &Path) -> io::Result<Guarded> {
        let out = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            // Ctrl-C reaches the test process only; what it leaves behind, the watchdogs kill.
            .process_group(0)
            .spawn()?;
        let watchdog = Command::new("sh")
            .args(["-c", "read -r _; kill -KILL \"$0\"", &child.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Guarded { child, watchdog, exit: None })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name: `TERM`, `STOP`, `CONT`, `KILL`.
    pub fn signal(&mut self, name: &str) {
        if self.exit_status().is_none() {
            let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &self.pid().to_string()]).status();
            assert!(sent.is_ok_and(|s| s.success()) || self.exit_status().is_some(), "kill -s {name} failed");
        }
    }

    /// The exit status, once it has ended.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        if self.exit.is_none() {
            self.exit = self.child.try_wait().expect("a child of this process can be waited for");
        }
        self.exit
    }

    /// Waits for it to end by itself.
    pub fn wait(&mut self, within: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + within;
        while self.exit_status().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.exit
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(&mut self) {
        if self.exit_status().is_none() {
            // Fails only if it ended meanwhile.
            let _ = self.child.kill();
            self.exit = self.child.wait().ok();
        }
    }

    /// A line of `/proc/PID/status` in bytes: `VmHWM` is the most memory that it ever held, `VmRSS` what it holds now. `None`
    /// where there is no such file.
    pub fn memory_bytes(&self, line: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let value = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'))?;
        Some(value.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.kill();
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}
