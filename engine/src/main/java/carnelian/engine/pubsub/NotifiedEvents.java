package carnelian.engine.pubsub;

import carnelian.keyspace.EventClass;
import org.jspecify.annotations.Nullable;

/// What `notify-keyspace-events` asks for.
///
/// @param byKey `K`: events are published to the channel of their key
/// @param byEvent `E`: keys are published to the channel of the event
/// @param asked the classes asked for, as bits of [EventClass#bit]
public record NotifiedEvents(boolean byKey, boolean byEvent, int asked) {
  public static final NotifiedEvents NONE = new NotifiedEvents(false, false, 0);

  private static final int ALL = all();

  /// The classes that are published: none without `K` or `E`.
  public int classes() {
    return byKey || byEvent ? asked : 0;
  }

  /// Reads the directive's letters; null if one is unknown.
  public static @Nullable NotifiedEvents parse(String letters) {
    boolean byKey = false;
    boolean byEvent = false;
    int asked = 0;
    for (int i = 0; i < letters.length(); i++) {
      char letter = letters.charAt(i);
      if (letter == 'K') {
        byKey = true;
      } else if (letter == 'E') {
        byEvent = true;
      } else {
        int bits = letter == 'A' ? ALL : bit(letter);
        if (bits == 0) {
          return null;
        }
        asked |= bits;
      }
    }
    return new NotifiedEvents(byKey, byEvent, asked);
  }

  /// The letters as CONFIG GET shows them. As in Redis, `A` swallows `n`, although it does not
  /// include it.
  public String letters() {
    StringBuilder letters = new StringBuilder();
    if ((asked & ALL) == ALL) {
      letters.append('A');
    } else {
      for (EventClass each : EventClass.values()) {
        if (each != EventClass.KEY_MISS) {
          append(letters, each);
        }
      }
    }
    letters.append(byKey ? "K" : "").append(byEvent ? "E" : "");
    append(letters, EventClass.KEY_MISS);
    return letters.toString();
  }

  private void append(StringBuilder letters, EventClass each) {
    if ((asked & each.bit()) != 0) {
      letters.append(each.letter());
    }
  }

  private static int bit(char letter) {
    for (EventClass each : EventClass.values()) {
      if (each.letter() == letter) {
        return each.bit();
      }
    }
    return 0;
  }

  private static int all() {
    int bits = 0;
    for (EventClass each : EventClass.values()) {
      bits |= each.inAll() ? each.bit() : 0;
    }
    return bits;
  }
}
