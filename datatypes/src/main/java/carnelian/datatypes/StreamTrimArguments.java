package carnelian.datatypes;

import carnelian.engine.Call;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.StreamTrimming;
import carnelian.keyspace.Streams;
import org.jspecify.annotations.Nullable;

/// What XADD and XTRIM say before the entry: how to trim, and, of XADD, the ID.
final class StreamTrimArguments {
  private static final ReplyError BOTH =
      ReplyError.err("syntax error, MAXLEN and MINID options at the same time are not compatible");
  private static final ReplyError NEGATIVE_MAXLEN =
      ReplyError.err("The MAXLEN argument must be >= 0.");
  private static final ReplyError NEGATIVE_LIMIT =
      ReplyError.err("The LIMIT argument must be >= 0.");
  private static final ReplyError LIMIT_ALONE =
      ReplyError.err("syntax error, LIMIT cannot be used without specifying a trimming strategy");
  private static final ReplyError NOTHING_TO_TRIM =
      ReplyError.err("syntax error, XTRIM must be called with a trimming strategy");
  private static final ReplyError LIMIT_OF_EXACT =
      ReplyError.err("syntax error, LIMIT cannot be used without the special ~ option");

  /// Without LIMIT approximate trimming removes so many full nodes at most.
  private static final long DEFAULT_LIMIT_NODES = 100;

  private static final long LIMIT_WITHOUT_NODE_LIMIT = 10_000;
  private static final long MAX_DEFAULT_LIMIT = 1_000_000;
  private static final int NONE = -1;

  private final Call call;
  private final boolean adds;
  private boolean byId;
  private long maxLength;
  private final StreamId minId = new StreamId();
  private boolean approximate;
  private long limit;
  private int limitAt = NONE;
  private int thresholdAt = NONE;

  /// Of XADD: whether a stream is not to be made.
  boolean noMakeStream;

  /// Where the ID of XADD stands.
  int idAt = NONE;

  /// The ID that XADD was given, unless it is `*`.
  final StreamId id = new StreamId();

  boolean idGiven;

  /// Whether the ID has its sequence number, so that it is not `ms-*`.
  boolean sequenceGiven;

  private StreamTrimArguments(Call call, boolean adds) {
    this.call = call;
    this.adds = adds;
  }

  static StreamTrimArguments of(Call call, boolean adds) {
    StreamTrimArguments arguments = new StreamTrimArguments(call, adds);
    int i = 2;
    while (i < call.argc() && arguments.idAt == NONE) {
      i += arguments.option(i);
    }
    arguments.check();
    return arguments;
  }

  /// Reads what stands at `i` and returns how many arguments it takes.
  private int option(int i) {
    int behind = call.argc() - i - 1;
    if (adds && call.arg(i).is("*")) {
      idAt = i;
    } else if (call.is(i, "MAXLEN") && behind >= 1) {
      int at = threshold(i, behind);
      maxLength = call.integer(at);
      if (maxLength < 0) {
        throw NEGATIVE_MAXLEN;
      }
      thresholdAt = at;
      return at - i + 1;
    } else if (call.is(i, "MINID") && behind >= 1) {
      int at = threshold(i, behind);
      StreamIds.strict(call, at, 0, minId);
      byId = true;
      thresholdAt = at;
      return at - i + 1;
    } else if (call.is(i, "LIMIT") && behind >= 1) {
      limit = call.integer(i + 1);
      if (limit < 0) {
        throw NEGATIVE_LIMIT;
      }
      limitAt = i;
      return 2;
    } else if (adds && call.is(i, "NOMKSTREAM")) {
      noMakeStream = true;
    } else if (adds) {
      entryId(i);
    } else {
      throw ReplyError.SYNTAX;
    }
    return 1;
  }

  /// Where the threshold stands; before it may be `~` or `=`.
  private int threshold(int i, int behind) {
    if (thresholdAt != NONE) {
      throw BOTH;
    }
    approximate = behind >= 2 && call.arg(i + 1).is("~");
    return approximate || (behind >= 2 && call.arg(i + 1).is("=")) ? i + 2 : i + 1;
  }

  private void entryId(int i) {
    sequenceGiven = !StreamIds.isMillisOnly(call.arg(i), id);
    if (sequenceGiven) {
      StreamIds.strict(call, i, 0, id);
    }
    idGiven = true;
    idAt = i;
  }

  private void check() {
    if (limit > 0 && thresholdAt == NONE) {
      throw LIMIT_ALONE;
    }
    if (!adds && thresholdAt == NONE) {
      throw NOTHING_TO_TRIM;
    }
    if (call.client().isObeyed()) {
      // Redis leaves the LIMIT when it writes the threshold anew for just what it has removed.
      limit = 0;
    } else if (limitAt != NONE && !approximate) {
      throw LIMIT_OF_EXACT;
    } else if (limitAt == NONE && approximate) {
      long wanted = DEFAULT_LIMIT_NODES * call.keyspace().limits().streamNodeMaxEntries();
      limit = wanted <= 0 ? LIMIT_WITHOUT_NODE_LIMIT : Math.min(wanted, MAX_DEFAULT_LIMIT);
    }
  }

  /// How to trim, or null.
  @Nullable StreamTrimming trimming() {
    return thresholdAt == NONE
        ? null
        : new StreamTrimming(byId, maxLength, minId, approximate, limit);
  }

  /// Whether copies of the data need to hear something else than what the client said: an ID that
  /// was chosen here, or what is left of the stream after trimming that was not exact.
  boolean isRewritten() {
    return approximate || (adds && !isIdComplete());
  }

  private boolean isIdComplete() {
    return idGiven && sequenceGiven;
  }

  /// Propagates the command as it would have to be said to have just the effect that it had.
  void replicate(String name, long stream, StreamId added) {
    Streams streams = call.keyspace().streams();
    Effect effect = call.replicateAs(name);
    if (!effect.isWanted()) {
      return;
    }
    for (int i = 1; i < call.argc(); i++) {
      if (i == idAt && !isIdComplete()) {
        StreamIds.arg(call, effect, added);
      } else if (approximate && i == thresholdAt - 1) {
        effect.arg("=");
      } else if (approximate && i == thresholdAt && byId) {
        StreamIds.arg(call, effect, streams.firstKeptId(stream, new StreamId()));
      } else if (approximate && i == thresholdAt) {
        effect.arg(streams.length(stream));
      } else if (limitAt == NONE || (i != limitAt && i != limitAt + 1)) {
        effect.arg(call.arg(i));
      }
    }
  }
}
