package carnelian.memory;

import java.util.concurrent.ThreadFactory;

/// Threads for [BackgroundWork], of a factory that gives them their names.
public record BackgroundThreads(ThreadFactory named) implements ThreadFactory {
  @Override
  public Thread newThread(Runnable work) {
    return named.newThread(BackgroundWork.of(work));
  }
}
