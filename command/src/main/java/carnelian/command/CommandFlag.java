package carnelian.command;

import java.util.Locale;

/// What the dispatcher must know about a command, in the order in which COMMAND INFO prints it.
public enum CommandFlag {
  /// May change the data.
  WRITE,
  /// Reads keys and changes none.
  READONLY,
  /// Refused when memory is over `maxmemory` and nothing can be evicted.
  DENYOOM,
  /// Added by a module.
  MODULE,
  /// For the administrator; also in the categories admin and dangerous.
  ADMIN,
  /// Has to do with channels.
  PUBSUB,
  /// Not allowed in scripts.
  NOSCRIPT,
  /// May block its client.
  BLOCKING,
  /// Allowed while the data set is being loaded.
  LOADING,
  /// Allowed on a replica whose data is stale.
  STALE,
  /// Not shown to MONITOR.
  SKIP_MONITOR,
  /// Not recorded in the slow log.
  SKIP_SLOWLOG,
  /// Implies ASKING: may reach an importing slot.
  ASKING,
  /// Constant or logarithmic time, never delayed by the system.
  FAST,
  /// Allowed before AUTH.
  NO_AUTH,
  /// Propagates although it does not write itself (EVAL, PUBLISH). Not printed.
  MAY_REPLICATE,
  /// Has keys, but may be called with none.
  NO_MANDATORY_KEYS,
  /// Needs `enable-…-command` (DEBUG, MODULE). Not printed.
  PROTECTED,
  /// Refused while a replica loads a new data set beside the one it serves.
  NO_ASYNC_LOADING,
  /// Not allowed in a transaction.
  NO_MULTI,
  /// The keys do not follow from first, last and step. Derived from the key specs, never declared.
  MOVABLEKEYS,
  /// Allowed while a script has run for longer than `busy-reply-threshold`.
  ALLOW_BUSY,
  /// May touch keys that its arguments do not name (RANDOMKEY, SCAN). Not printed.
  TOUCHES_ARBITRARY_KEYS;

  private final String word = name().toLowerCase(Locale.ROOT);

  /// As COMMAND INFO prints it.
  public String word() {
    return word;
  }

  /// False for the flags that Redis keeps to itself.
  public boolean isPrinted() {
    return this != MAY_REPLICATE && this != PROTECTED && this != TOUCHES_ARBITRARY_KEYS;
  }

  /// This flag's bit in a [Declaration#flagBits].
  @SuppressWarnings("EnumOrdinal") // The bits live in memory only.
  public int bit() {
    return 1 << ordinal();
  }
}
