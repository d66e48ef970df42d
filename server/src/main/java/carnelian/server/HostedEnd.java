package carnelian.server;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of a store that lives in somebody else's process: whatever asks for it, only the store
/// ends.
final class HostedEnd implements Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(HostedEnd.class);

  private volatile @Nullable Instance instance;

  /// The store that ends. Before it is started.
  void of(Instance ended) {
    instance = ended;
  }

  @Override
  public boolean begin(Request request) {
    Instance ended = instance;
    if (ended == null || !ended.saveBeforeEnd(request)) {
      return false;
    }
    end(ended);
    return true;
  }

  @Override
  public boolean abort() {
    return false;
  }

  @Override
  public void die(Throwable fault) {
    LOG.error("A bug: the store ends, and nothing of it is saved", fault);
    endIfMade();
  }

  @Override
  public void dieBySignal(int signal, String reason, boolean report) {
    LOG.error("The store ends, and nothing of it is saved: {}", reason);
    endIfMade();
  }

  private void endIfMade() {
    Instance ended = instance;
    if (ended != null) {
      end(ended);
    }
  }

  /// Closing waits for the loop that this runs on.
  private static void end(Instance ended) {
    Thread.ofPlatform().name("shutdown").daemon().start(ended::close);
  }
}
