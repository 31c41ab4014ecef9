//! The one thread that owns the engine.
//!
//! Jobs run in the order they were handed in. A job whose caller went away runs all the same: a
//! tap that was handed in is recorded. A job that panics is reported and leaves the engine as its
//! transaction did: untouched.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
};

use doorstep::engine::Engine;
use tokio::sync::oneshot;

use crate::DoorstepError;

enum Message {
    Job(Box<dyn FnOnce(&mut Engine) + Send>),
    /// Takes the engine; without one given back, the thread ends.
    End(Box<dyn FnOnce(Engine) -> Option<Engine> + Send>),
    /// Close the file and say so.
    Stop(oneshot::Sender<()>),
}

/// A way to hand in jobs; dropped, it lets the thread finish what waits and end.
#[derive(Clone)]
pub(crate) struct Worker(mpsc::Sender<Message>);

impl Worker {
    /// Opens the engine on its thread; gives what `open` gives when that fails.
    pub(crate) fn start<E: Send + 'static>(
        open: impl FnOnce() -> Result<Engine, E> + Send + 'static,
    ) -> Result<Result<Worker, E>, DoorstepError> {
        let (jobs, inbox) = mpsc::channel::<Message>();
        let (opened, done) = mpsc::channel();
        let run = move || {
            let mut engine = match catch_unwind(AssertUnwindSafe(open)) {
                Ok(Ok(engine)) => engine,
                Ok(Err(error)) => return drop(opened.send(Ok(Err(error)))),
                Err(panic) => return drop(opened.send(Err(panicked(&*panic)))),
            };
            drop(opened.send(Ok(Ok(()))));
            let mut waiting = None;
            while let Ok(message) = inbox.recv() {
                match message {
                    Message::Job(job) => drop(catch_unwind(AssertUnwindSafe(|| job(&mut engine)))),
                    Message::End(end) => match catch_unwind(AssertUnwindSafe(|| end(engine))) {
                        Ok(Some(back)) => engine = back,
                        _ => return,
                    },
                    Message::Stop(done) => {
                        waiting = Some(done);
                        break;
                    }
                }
            }
            drop(engine);
            if let Some(done) = waiting {
                let _ = done.send(());
            }
        };
        thread::Builder::new()
            .name("doorstep".to_owned())
            .spawn(run)
            .map_err(DoorstepError::report)?;
        let opened = done.recv().map_err(DoorstepError::report)??;
        Ok(opened.map(|()| Worker(jobs)))
    }

    /// Runs `job` when its turn comes.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Engine) -> Result<T, DoorstepError> + Send + 'static,
    ) -> Result<T, DoorstepError> {
        let (answer, done) = oneshot::channel();
        self.post(move |engine| {
            let result = catch_unwind(AssertUnwindSafe(|| job(engine)));
            // Nobody may be waiting any more; what was recorded stays recorded.
            let _ = answer.send(result.unwrap_or_else(|panic| Err(panicked(&*panic))));
        })?;
        done.await.map_err(|_| closed())?
    }

    /// Hands in a job whose end nobody waits for.
    pub(crate) fn post(
        &self,
        job: impl FnOnce(&mut Engine) + Send + 'static,
    ) -> Result<(), DoorstepError> {
        self.0.send(Message::Job(Box::new(job))).map_err(|_| closed())
    }

    /// Hands the engine out for good when its turn comes, unless `end` gives it back.
    pub(crate) async fn end<T: Send + 'static>(
        &self,
        end: impl FnOnce(Engine) -> (Option<Engine>, Result<T, DoorstepError>) + Send + 'static,
    ) -> Result<T, DoorstepError> {
        let (answer, done) = oneshot::channel();
        let end = move |engine| {
            let (back, result) = end(engine);
            let _ = answer.send(result);
            back
        };
        self.0.send(Message::End(Box::new(end))).map_err(|_| closed())?;
        done.await.map_err(|_| closed())?
    }

    /// Finishes what waits, closes the file and ends the thread.
    pub(crate) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.0.send(Message::Stop(done)).is_ok() {
            let _ = stopped.await;
        }
    }
}

fn closed() -> DoorstepError {
    DoorstepError::report("the phone was shut down: open it again")
}

/// What a panic said: our own words, which hold no personal data.
fn panicked(panic: &(dyn Any + Send)) -> DoorstepError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    DoorstepError::report(format!("a step failed inside: {}", text.unwrap_or("no reason given")))
}
