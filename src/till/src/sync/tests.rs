mod hostile;
mod protocol;
mod schedule;
mod world;
