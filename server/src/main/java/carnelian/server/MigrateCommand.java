package carnelian.server;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.INCOMPLETE;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.keyword;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.ReplyShape.simple;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;

import carnelian.base.Clock;
import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.command.AclCategory;
import carnelian.command.Group;
import carnelian.command.KeyFinder;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.Hashes;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.persistence.rdb.DumpPayloads;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbVersion;
import carnelian.resp.Reply;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// MIGRATE: moves keys to another server. As in Redis everybody waits meanwhile, so that no key is
/// in both places or in neither. Connections are kept for a few seconds.
final class MigrateCommand implements AutoCloseable {
  private static final int FIRST_OPTION = 6;
  private static final long DEFAULT_TIMEOUT_MILLIS = 1000;
  private static final int MOST_TARGETS = 64;
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final ReplyError KEY_NOT_EMPTY =
      ReplyError.err(
          "When using MIGRATE KEYS option, the key argument must be set to the empty string");
  private static final ReplyError NOT_CONNECTED =
      ReplyError.of("IOERR error or timeout connecting to the client");

  private final Config config;
  private final Clock clock;
  private final DumpPayloads payloads;
  private final Map<String, MigrateTarget> targets = new LinkedHashMap<>();

  MigrateCommand(Config config, Clock clock, DumpPayloads payloads) {
    this.config = config;
    this.clock = clock;
    this.payloads = payloads;
  }

  /// `migrate_cached_sockets` of INFO.
  int cachedTargets() {
    return targets.size();
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "MIGRATE";

  /// MIGRATE — Moves keys to another server, each whole or not at all.
  List<Command> all() {
    return List.of(
        command(
            declare("MIGRATE")
                .group(Group.GENERIC)
                .since("2.6.0")
                .complexity("O(N) for the transfer, besides DUMP and DEL here and RESTORE there")
                .summary("Moves keys to another server, each whole or not at all.")
                .arity(-6)
                .flags(WRITE)
                .categories(AclCategory.DANGEROUS, AclCategory.KEYSPACE)
                .keys(
                    at(3, RW, ACCESS, DELETE),
                    keyword("KEYS", -2, RW, ACCESS, DELETE, INCOMPLETE).last(-1))
                .keysFoundBy(KeyFinder::ofMigrate)
                .args(
                    string("host"),
                    integer("port"),
                    oneOf("key-selector", key("key"), pureToken("empty-string", "\"\"")),
                    integer("destination-db"),
                    integer("timeout"),
                    pureToken("COPY").since("3.0.0").optional(),
                    pureToken("REPLACE").since("3.0.0").optional(),
                    oneOf(
                            "authentication",
                            string("auth").token("AUTH").displayed("password").since("4.0.7"),
                            block("auth2", string("username"), string("password"))
                                .token("AUTH2")
                                .since("6.0.0"))
                        .optional(),
                    key("keys")
                        .keySpec(1)
                        .token("KEYS")
                        .displayed("key")
                        .since("3.0.6")
                        .multiple()
                        .optional())
                .replies(ok(), simple())
                .tips(NONDETERMINISTIC_OUTPUT)
                .history("3.0.0", "Takes `COPY` and `REPLACE`.")
                .history("3.0.6", "Takes `KEYS`.")
                .history("4.0.7", "Takes `AUTH`.")
                .history("6.0.0", "Takes `AUTH2`."),
            this::migrate));
  }

  /// What the arguments ask for.
  private static final class Order {
    boolean copy;
    boolean replace;
    int firstCredential;
    int credentials;
    int firstKey = 3;
    int lastKey = 3;
    long database;
    long timeoutMillis;

    static Order of(Call call) {
      Order order = new Order();
      int last = call.argc() - 1;
      for (int i = FIRST_OPTION; i <= last; i++) {
        if (call.is(i, "COPY")) {
          order.copy = true;
        } else if (call.is(i, "REPLACE")) {
          order.replace = true;
        } else if (call.is(i, "AUTH") && i < last) {
          order.credentials(i + 1, 1);
          i++;
        } else if (call.is(i, "AUTH2") && i + 1 < last) {
          order.credentials(i + 1, 2);
          i += 2;
        } else if (call.is(i, "KEYS")) {
          if (call.arg(3).length != 0) {
            throw KEY_NOT_EMPTY;
          }
          order.firstKey = i + 1;
          order.lastKey = last;
          break;
        } else {
          throw ReplyError.SYNTAX;
        }
      }
      order.timeoutMillis = call.integer(5);
      order.database = call.integer(4);
      if (order.timeoutMillis <= 0) {
        order.timeoutMillis = DEFAULT_TIMEOUT_MILLIS;
      }
      return order;
    }

    private void credentials(int first, int count) {
      firstCredential = first;
      credentials = count;
    }
  }

  private void migrate(Call call) {
    Order order = Order.of(call);
    List<Integer> keys = new ArrayList<>();
    for (int i = order.firstKey; i <= order.lastKey; i++) {
      if (call.db().read(call.arg(i)) != 0) {
        keys.add(i);
      }
    }
    call.replicateNothing();
    if (keys.isEmpty()) {
      call.reply().simple("NOKEY");
      return;
    }
    String name = call.arg(1) + ":" + call.arg(2);
    boolean mayRetry = targets.containsKey(name);
    Transfer transfer = new Transfer(call, order, keys);
    while (true) {
      MigrateTarget target = target(call, name, order.timeoutMillis);
      try {
        transfer.run(target);
        target.used();
        break;
      } catch (IOException e) {
        drop(name);
        // A connection that was kept may have been closed by the other side meanwhile.
        if (mayRetry && transfer.moved.isEmpty() && !(e instanceof SocketTimeoutException)) {
          mayRetry = false;
          continue;
        }
        transfer.replicate();
        throw ReplyError.of("IOERR error or timeout " + transfer.doing + " to target instance");
      }
    }
    transfer.replicate();
    String refusal = transfer.refusal;
    if (refusal != null) {
      throw ReplyError.err("Target instance replied with error: " + refusal);
    }
    call.reply().ok();
  }

  private MigrateTarget target(Call call, String name, long timeoutMillis) {
    MigrateTarget kept = targets.get(name);
    if (kept != null) {
      return kept;
    }
    if (targets.size() == MOST_TARGETS) {
      drop(targets.keySet().iterator().next());
    }
    try {
      int port = (int) call.integer(2, 0, 65535, NOT_CONNECTED);
      String host = call.arg(1).toString();
      MigrateTarget made = MigrateTarget.connect(clock, host, port, timeoutMillis);
      targets.put(name, made);
      return made;
    } catch (IOException _) {
      throw NOT_CONNECTED;
    }
  }

  private void drop(String name) {
    MigrateTarget target = targets.remove(name);
    if (target != null) {
      target.close();
    }
  }

  /// Closes connections that nobody has used for a while. Some times a second.
  void closeIdle() {
    Iterator<MigrateTarget> each = targets.values().iterator();
    while (each.hasNext()) {
      MigrateTarget target = each.next();
      if (target.idleNanos() > KEPT_NANOS) {
        target.close();
        each.remove();
      }
    }
  }

  /// The keys on their way.
  private final class Transfer {
    private final Call call;
    private final Order order;
    private final List<Integer> keys;

    /// Arguments whose keys are there and no longer here.
    private final List<Integer> moved = new ArrayList<>();

    private String doing = "writing";
    private @Nullable String refusal;

    Transfer(Call call, Order order, List<Integer> keys) {
      this.call = call;
      this.order = order;
      this.keys = keys;
    }

    void run(MigrateTarget target) throws IOException {
      boolean selects = target.lastDatabase() != order.database;
      doing = "writing";
      try (NativeBuffer request = new NativeBuffer(1024)) {
        write(new Reply(request), selects);
        target.write(Memory.asByteBuffer(request.address(), request.length()), order.timeoutMillis);
      }
      doing = "reading";
      String login = order.credentials > 0 ? target.readLine(order.timeoutMillis) : "+OK";
      String selected = selects ? target.readLine(order.timeoutMillis) : "+OK";
      for (int key : keys) {
        take(target, key, login, selected, target.readLine(order.timeoutMillis));
      }
      if (refusal == null) {
        target.lastDatabase(order.database);
      }
    }

    private void write(Reply out, boolean selects) {
      if (order.credentials > 0) {
        out.array(1 + order.credentials);
        out.bulk("AUTH");
        for (int i = 0; i < order.credentials; i++) {
          out.bulk(call.arg(order.firstCredential + i));
        }
      }
      if (selects) {
        out.array(2);
        out.bulk("SELECT");
        out.bulkInteger(order.database);
      }
      try (NativeBuffer payload = new NativeBuffer(1024)) {
        for (int key : keys) {
          write(out, call.arg(key), payload);
        }
      }
    }

    private void write(Reply out, Slice key, NativeBuffer payload) {
      long entry = call.db().peek(key);
      long deadline = Database.deadline(entry);
      payload.clear();
      RdbOutput.Compression compression =
          config.get(Directives.RDBCOMPRESSION)
              ? RdbOutput.Compression.LZF
              : RdbOutput.Compression.NONE;
      int version =
          RdbVersion.toWrite(config.get(Directives.RDB_VERSION), Hashes.isVolatile(entry));
      payloads.write(entry, version, compression, payload);
      out.array(order.replace ? 5 : 4);
      out.bulk("RESTORE");
      out.bulk(key);
      out.bulkInteger(
          deadline == Database.NO_DEADLINE ? 0 : Math.max(1, deadline - call.nowMillis()));
      out.bulk(payload.address(), payload.length());
      if (order.replace) {
        out.bulk("REPLACE");
      }
    }

    private void take(
        MigrateTarget target, int key, String login, String selected, String restored) {
      for (String reply : List.of(login, selected, restored)) {
        if (reply.startsWith("-")) {
          target.lastDatabase(-1);
          refusal = refusal == null ? reply.substring(1) : refusal;
          return;
        }
      }
      if (!order.copy && call.db().delete(call.arg(key))) {
        moved.add(key);
      }
    }

    /// For replicas the keys that have gone were deleted.
    void replicate() {
      if (!moved.isEmpty()) {
        Effect effect = call.replicateAs("DEL");
        for (int key : moved) {
          effect.arg(call.arg(key));
        }
      }
    }
  }

  @Override
  public void close() {
    targets.values().forEach(MigrateTarget::close);
    targets.clear();
  }
}
