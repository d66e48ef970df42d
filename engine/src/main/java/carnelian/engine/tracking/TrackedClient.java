package carnelian.engine.tracking;

import carnelian.engine.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// How one client that has turned tracking on wants it.
final class TrackedClient {
  /// What is remembered for the client.
  enum Mode {
    /// All that it reads.
    ALL,
    /// What it reads after CLIENT CACHING YES.
    OPTIN,
    /// What it reads, but not after CLIENT CACHING NO.
    OPTOUT,
    /// Nothing: it hears of every key with one of its prefixes.
    BCAST
  }

  /// What `redirect` is without REDIRECT.
  static final long NOT_REDIRECTED = 0;

  final Client client;
  final TreeSet<String> prefixes = new TreeSet<>();
  Mode mode = Mode.ALL;
  boolean noLoop;
  long redirect = NOT_REDIRECTED;
  boolean redirectBroken;

  /// Whether CLIENT CACHING has been said, for the next command or the transaction.
  boolean caching;

  TrackedClient(Client client) {
    this.client = client;
  }

  boolean broadcasts() {
    return mode == Mode.BCAST;
  }

  /// Whether what the client reads now is to be remembered.
  boolean remembers() {
    return switch (mode) {
      case ALL -> true;
      case OPTIN -> caching;
      case OPTOUT -> !caching;
      case BCAST -> false;
    };
  }

  /// The words of CLIENT TRACKINGINFO.
  List<String> words() {
    List<String> words = new ArrayList<>();
    words.add("on");
    switch (mode) {
      case ALL -> {}
      case BCAST -> words.add("bcast");
      case OPTIN -> {
        words.add("optin");
        if (caching) {
          words.add("caching-yes");
        }
      }
      case OPTOUT -> {
        words.add("optout");
        if (caching) {
          words.add("caching-no");
        }
      }
    }
    if (noLoop) {
      words.add("noloop");
    }
    if (redirectBroken) {
      words.add("broken_redirect");
    }
    return words;
  }

  /// Lets CLIENT LIST tell of it.
  void show() {
    String letters = "t" + (redirectBroken ? "R" : "") + (broadcasts() ? "B" : "");
    client.tracking(letters, redirect);
  }
}
