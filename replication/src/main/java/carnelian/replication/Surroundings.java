package carnelian.replication;

import carnelian.base.config.ReplicaOf;
import java.nio.file.Path;

/// Port: what replication needs of the program around it.
public interface Surroundings {
  /// Runs something on the engine's thread, after what it does now. Any thread.
  void onEngine(Runnable task);

  /// Runs something on the engine's thread when the time has passed.
  void later(long delayNanos, Runnable task);

  /// Runs something that may wait, on a thread of its own.
  void inBackground(Runnable work);

  /// Runs something at the usual priority, on a thread of its own.
  void beside(Runnable work);

  /// Whose copy this server is now, for CONFIG REWRITE.
  void replicaOf(ReplicaOf primary);

  /// Forty letters that nobody can guess.
  String newMark();

  /// Where a snapshot for replicas may stand for a while; nobody else uses the name.
  Path temporaryFile();
}
