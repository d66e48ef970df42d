package carnelian.memory;

/// Runs in the order in which they were freed, linked through their descriptors.
final class RunQueue {
  private long oldest;
  private long youngest;

  long oldest() {
    return oldest;
  }

  void append(long run) {
    RunLayout.older(run, youngest);
    RunLayout.younger(run, 0);
    if (youngest == 0) {
      oldest = run;
    } else {
      RunLayout.younger(youngest, run);
    }
    youngest = run;
  }

  void remove(long run) {
    long older = RunLayout.older(run);
    long younger = RunLayout.younger(run);
    if (older == 0) {
      oldest = younger;
    } else {
      RunLayout.younger(older, younger);
    }
    if (younger == 0) {
      youngest = older;
    } else {
      RunLayout.older(younger, older);
    }
  }
}
