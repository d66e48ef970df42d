package carnelian.persistence.rdb;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ASKING;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.command.AclCategory;
import carnelian.command.Declaration;
import carnelian.command.DocFlag;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.Hashes;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Staging;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// DUMP and RESTORE: a key's value on its own, out of one store and into another.
public final class DumpCommands {
  private static final Logger LOG = LoggerFactory.getLogger(DumpCommands.class);

  private static final int FIRST_OPTION = 4;
  private static final int MAX_FREQUENCY = 255;
  private static final long NOT_GIVEN = -1;

  private static final ReplyError BUSY_KEY =
      ReplyError.of("BUSYKEY Target key name already exists.");
  private static final ReplyError INVALID_TTL = ReplyError.err("Invalid TTL value, must be >= 0");
  private static final ReplyError INVALID_IDLE_TIME =
      ReplyError.err("Invalid IDLETIME value, must be >= 0");
  private static final ReplyError INVALID_FREQUENCY =
      ReplyError.err("Invalid FREQ value, must be >= 0 and <= 255");
  private static final ReplyError NOT_INTACT =
      ReplyError.err("DUMP payload version or checksum are wrong");
  private static final ReplyError BAD_FORMAT = ReplyError.err("Bad data format");

  private final Config config;
  private final DumpPayloads payloads;

  public DumpCommands(Config config, DumpPayloads payloads) {
    this.config = config;
    this.payloads = payloads;
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES = "DUMP RESTORE RESTORE-ASKING";

  public List<Command> all() {
    return List.of(dump(), restore(), restoreAsking());
  }

  /// DUMP — Serializes a value in the form that RESTORE takes.
  private Command dump() {
    return command(
        declare("DUMP")
            .group(Group.GENERIC)
            .since("2.6.0")
            .complexity("O(N*M), N = objects of the value, M = their average size")
            .summary("Serializes a value in the form that RESTORE takes.")
            .arity(2)
            .flags(READONLY)
            .keys(first(RO, ACCESS))
            .args(key("key"))
            .replies(bulk(), nil())
            .tips(NONDETERMINISTIC_OUTPUT),
        this::dump);
  }

  private void dump(Call call) {
    long entry = call.db().read(call.arg(1));
    if (entry == 0) {
      call.reply().nil();
      return;
    }
    RdbOutput.Compression compression =
        config.get(Directives.RDBCOMPRESSION)
            ? RdbOutput.Compression.LZF
            : RdbOutput.Compression.NONE;
    try (NativeBuffer payload = new NativeBuffer(256)) {
      int version =
          RdbVersion.toWrite(config.get(Directives.RDB_VERSION), Hashes.isVolatile(entry));
      payloads.write(entry, version, compression, payload);
      call.reply().bulk(payload.address(), payload.length());
    }
  }

  /// RESTORE — Creates a key from what DUMP replied.
  private Command restore() {
    return command(
        restoring(declare("RESTORE"))
            .group(Group.GENERIC)
            .since("2.6.0")
            .summary("Creates a key from what DUMP replied.")
            .flags(WRITE, DENYOOM),
        this::restore);
  }

  /// RESTORE-ASKING — Creates a key from what DUMP replied, while its slot is being imported.
  private Command restoreAsking() {
    return command(
        restoring(declare("RESTORE-ASKING"))
            .group(Group.SERVER)
            .since("3.0.0")
            .summary("Creates a key from what DUMP replied, while its slot is being imported.")
            .flags(WRITE, DENYOOM, ASKING)
            .docFlags(DocFlag.SYSCMD),
        this::restore);
  }

  private static Declaration.Builder restoring(Declaration.Builder declaration) {
    return declaration
        .complexity(
            "O(N*M), N = objects of the value, M = their average size; "
                + "O(N*M*log(N)) for sorted sets")
        .arity(-4)
        .categories(AclCategory.DANGEROUS, AclCategory.KEYSPACE)
        .keys(first(OW, UPDATE))
        .args(
            key("key"),
            integer("ttl"),
            string("serialized-value"),
            pureToken("REPLACE").since("3.0.0").optional(),
            pureToken("ABSTTL").since("5.0.0").optional(),
            integer("seconds").token("IDLETIME").since("5.0.0").optional(),
            integer("frequency").token("FREQ").since("5.0.0").optional())
        .replies(ok())
        .history("3.0.0", "Takes `REPLACE`.")
        .history("5.0.0", "Takes `ABSTTL`.")
        .history("5.0.0", "Takes `IDLETIME` and `FREQ`.");
  }

  /// What stands behind the payload.
  private record Options(boolean replace, boolean absolute, long idleSeconds, long frequency) {
    static Options of(Call call) {
      boolean replace = false;
      boolean absolute = false;
      long idleSeconds = NOT_GIVEN;
      long frequency = NOT_GIVEN;
      for (int i = FIRST_OPTION; i < call.argc(); i++) {
        boolean hasValue = i + 1 < call.argc();
        if (call.is(i, "REPLACE")) {
          replace = true;
        } else if (call.is(i, "ABSTTL")) {
          absolute = true;
        } else if (call.is(i, "IDLETIME") && hasValue && frequency == NOT_GIVEN) {
          idleSeconds = call.integer(++i);
          if (idleSeconds < 0) {
            throw INVALID_IDLE_TIME;
          }
        } else if (call.is(i, "FREQ") && hasValue && idleSeconds == NOT_GIVEN) {
          frequency = call.integer(++i);
          if (frequency < 0 || frequency > MAX_FREQUENCY) {
            throw INVALID_FREQUENCY;
          }
        } else {
          throw ReplyError.SYNTAX;
        }
      }
      return new Options(replace, absolute, idleSeconds, frequency);
    }
  }

  /// The value is made aside, so that a payload which turns out to be broken costs nobody anything.
  private void restore(Call call) {
    Options options = Options.of(call);
    Slice key = call.arg(1);
    Database db = call.db();
    long old = options.replace() ? db.find(key) : db.write(key);
    if (old != 0 && !options.replace()) {
      throw BUSY_KEY;
    }
    long deadline = deadline(call, options);
    Slice payload = call.arg(3);
    if (!payloads.isIntact(payload)) {
      throw NOT_INTACT;
    }
    boolean expired = deadline != Database.NO_DEADLINE && deadline <= call.nowMillis();
    try (Staging staging = call.keyspace().stage()) {
      long entry = payloads.read(payload, staging, key, expired ? Database.NO_DEADLINE : deadline);
      if (old != 0) {
        db.discard(old);
      }
      if (expired) {
        reportExpired(call, key, old != 0);
      } else {
        staging.adopt(entry, db, key);
        report(call, key, entry, options, deadline);
      }
    } catch (IOException e) {
      LOG.warn("RESTORE: integrity check failed: {}", e.getMessage());
      throw BAD_FORMAT;
    }
    call.reply().ok();
  }

  /// A time to live that overflows is over, as in Redis.
  private static long deadline(Call call, Options options) {
    long given = call.integer(2);
    if (given < 0) {
      throw INVALID_TTL;
    }
    if (given == 0) {
      return Database.NO_DEADLINE;
    }
    long base = options.absolute() ? 0 : call.nowMillis();
    return given > Long.MAX_VALUE - base ? 0 : base + given;
  }

  /// The new value's time is over already: what remains is that the old one has gone.
  private static void reportExpired(Call call, Slice key, boolean replaced) {
    if (replaced) {
      call.changed(key, KeyEvent.DEL);
      boolean lazily = call.keyspace().lazyFreeing().serverDel();
      call.replicateAs(lazily ? "UNLINK" : "DEL").arg(key);
    }
  }

  private static void report(Call call, Slice key, long entry, Options options, long deadline) {
    if (options.idleSeconds() != NOT_GIVEN) {
      call.keyspace().usage().idleSeconds(entry, options.idleSeconds());
    }
    if (options.frequency() != NOT_GIVEN) {
      call.keyspace().usage().frequency(entry, (int) options.frequency());
    }
    call.changed(key, KeyEvent.RESTORE);
    if (deadline != Database.NO_DEADLINE && !options.absolute()) {
      Effect effect = call.replicateAs(call.name().toUpperCase(Locale.ROOT));
      effect.arg(key).arg(deadline);
      for (int i = 3; i < call.argc(); i++) {
        effect.arg(call.arg(i));
      }
      effect.arg("ABSTTL");
    }
  }
}
