package carnelian.server;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeySpec.at;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.REQUEST_ALL_SHARDS;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.command.Tip.RESPONSE_SPECIAL;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.memory.HeapStats;
import carnelian.resp.Reply;
import carnelian.scripting.Scripting;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/// MEMORY: where memory goes, key by key and as a whole.
final class MemoryCommands {
  /// Elements looked at unless the client says how many.
  private static final int DEFAULT_SAMPLES = 5;

  /// Fields of MEMORY STATS beside one for each database with keys.
  private static final int STATS = 27;

  private final Supplier<MemoryReport> reports;
  private final Supplier<Scripting> scripting;
  private final Supplier<String> doctor;

  MemoryCommands(
      Supplier<MemoryReport> reports, Supplier<Scripting> scripting, Supplier<String> doctor) {
    this.reports = reports;
    this.scripting = scripting;
    this.doctor = doctor;
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "MEMORY";

  List<Command> all() {
    return List.of(
        container(
            declare("MEMORY")
                .group(Group.SERVER)
                .since("4.0.0")
                .complexity("Depends on subcommand")
                .summary("Looks at memory; see its subcommands.")
                .arity(-2),
            List.of(doctor(), help(), mallocStats(), purge(), stats(), usage())));
  }

  /// MEMORY DOCTOR — Explains in words what is wrong with memory.
  private Command doctor() {
    return command(
        declare("MEMORY|DOCTOR")
            .group(Group.SERVER)
            .since("4.0.0")
            .complexity("O(1)")
            .summary("Explains in words what is wrong with memory.")
            .arity(2)
            .replies(bulk())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_SHARDS, RESPONSE_SPECIAL),
        call -> call.reply().verbatim("txt", doctor.get()));
  }

  /// MEMORY HELP — Lists the subcommands.
  private static Command help() {
    return command(
        declare("MEMORY|HELP")
            .group(Group.SERVER)
            .since("4.0.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// MEMORY MALLOC-STATS — Replies with the allocator's own statistics.
  private static Command mallocStats() {
    return command(
        declare("MEMORY|MALLOC-STATS")
            .group(Group.SERVER)
            .since("4.0.0")
            .complexity("Depends on how much memory is allocated, could be slow")
            .summary("Replies with the allocator's own statistics.")
            .arity(2)
            .replies(bulk())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_SHARDS, RESPONSE_SPECIAL),
        call -> call.reply().verbatim("txt", describe(call.keyspace().heap().stats())));
  }

  private static String describe(HeapStats heap) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "allocated: %d in %d blocks, active: %d, resident: %d, metadata: %d%n",
            heap.usedBytes(),
            heap.usedBlocks(),
            heap.activeBytes(),
            heap.committedBytes(),
            heap.metadataBytes()));
    text.append(
        String.format(
            Locale.ROOT,
            "free and kept: %d, kept for a snapshot: %d, preserved for it: %d%n",
            heap.dirtyBytes(),
            heap.heldBackBytes(),
            heap.shadowBytes()));
    text.append(
        String.format(
            Locale.ROOT,
            "address space: %d spanned of %d; large objects: %d bytes in %d%n",
            heap.spannedBytes(),
            heap.limitBytes(),
            heap.largeBytes(),
            heap.largeBlocks()));
    text.append("class      slabs       slots        used  full%\n");
    for (HeapStats.SizeClass size : heap.classes()) {
      if (size.slabs() > 0) {
        text.append(
            String.format(
                Locale.ROOT,
                "%5d %10d %11d %11d %6.1f%n",
                size.bytes(),
                size.slabs(),
                size.slots(),
                size.usedSlots(),
                100.0 * size.usedSlots() / size.slots()));
      }
    }
    return text.toString();
  }

  /// MEMORY PURGE — Gives free pages back to the operating system.
  private static Command purge() {
    return command(
        declare("MEMORY|PURGE")
            .group(Group.SERVER)
            .since("4.0.0")
            .complexity("Depends on how much memory is allocated, could be slow")
            .summary("Gives free pages back to the operating system.")
            .arity(2)
            .replies(ok())
            .tips(REQUEST_ALL_SHARDS, RESPONSE_ALL_SUCCEEDED),
        call -> {
          call.keyspace().heap().purge();
          call.reply().ok();
        });
  }

  /// MEMORY STATS — Replies with where memory goes.
  private Command stats() {
    return command(
        declare("MEMORY|STATS")
            .group(Group.SERVER)
            .since("4.0.0")
            .complexity("O(1)")
            .summary("Replies with where memory goes.")
            .arity(2)
            .replies(map())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_SHARDS, RESPONSE_SPECIAL),
        this::stats);
  }

  private void stats(Call call) {
    MemoryReport report = reports.get();
    Keyspace keyspace = call.keyspace();
    Reply reply = call.reply();
    int databases = 0;
    for (int i = 0; i < keyspace.databases(); i++) {
      databases += keyspace.database(i).size() > 0 ? 1 : 0;
    }
    reply.map(STATS + databases);
    put(reply, "peak.allocated", report.peakBytes());
    put(reply, "total.allocated", report.usedBytes());
    put(reply, "startup.allocated", report.startupBytes());
    put(reply, "replication.backlog", report.backlogBytes());
    put(reply, "clients.slaves", report.replicaBytes());
    put(reply, "clients.normal", report.clientBytes());
    put(reply, "cluster.links", 0);
    put(reply, "aof.buffer", report.logBufferBytes());
    put(reply, "lua.caches", scripting.get().scriptBytes());
    put(reply, "functions.caches", scripting.get().functionBytes());
    for (int i = 0; i < keyspace.databases(); i++) {
      if (keyspace.database(i).size() > 0) {
        putDatabase(reply, keyspace.database(i));
      }
    }
    put(reply, "overhead.total", report.overheadBytes());
    put(reply, "keys.count", report.keys());
    put(reply, "keys.bytes-per-key", report.bytesPerKey());
    put(reply, "dataset.bytes", report.datasetBytes());
    put(reply, "dataset.percentage", report.datasetPercent());
    put(reply, "peak.percentage", report.peakPercent());
    HeapStats heap = report.heap();
    put(reply, "allocator.allocated", heap.usedBytes());
    put(reply, "allocator.active", heap.activeBytes());
    put(reply, "allocator.resident", heap.committedBytes());
    put(reply, "allocator-fragmentation.ratio", heap.fragmentation());
    put(reply, "allocator-fragmentation.bytes", heap.activeBytes() - heap.usedBytes());
    put(reply, "allocator-rss.ratio", report.allocatorRssRatio());
    put(reply, "allocator-rss.bytes", report.allocatorRssBytes());
    put(reply, "rss-overhead.ratio", report.rssOverheadRatio());
    put(reply, "rss-overhead.bytes", report.rssOverheadBytes());
    put(reply, "fragmentation", report.fragmentation());
    put(reply, "fragmentation.bytes", report.fragmentationBytes());
  }

  private static void putDatabase(Reply reply, Database database) {
    reply.bulk("db." + database.index());
    reply.map(3);
    put(reply, "overhead.hashtable.main", database.tableBytes());
    put(reply, "overhead.hashtable.expires", database.deadlineBytes());
    put(reply, "overhead.hashtable.slot-to-keys", 0);
  }

  private static void put(Reply reply, String name, long value) {
    reply.bulk(name);
    reply.integer(value);
  }

  private static void put(Reply reply, String name, double value) {
    reply.bulk(name);
    reply.number(value);
  }

  /// MEMORY USAGE — Estimates the memory of a key.
  private static Command usage() {
    return command(
        declare("MEMORY|USAGE")
            .group(Group.SERVER)
            .since("4.0.0")
            .complexity("O(N), N = samples")
            .summary("Estimates the memory of a key.")
            .arity(-3)
            .flags(READONLY)
            .keys(at(2, RO))
            .args(key("key"), integer("count").token("SAMPLES").optional())
            .replies(ReplyShape.integer(), nil()),
        MemoryCommands::usage);
  }

  private static void usage(Call call) {
    long samples = DEFAULT_SAMPLES;
    for (int i = 3; i < call.argc(); i++) {
      if (!call.is(i, "SAMPLES") || i + 1 == call.argc()) {
        throw ReplyError.SYNTAX;
      }
      samples = call.integer(++i);
      if (samples < 0) {
        throw ReplyError.SYNTAX;
      }
    }
    long entry = call.db().readWithoutTouch(call.arg(2));
    if (entry == 0) {
      call.reply().nil();
      return;
    }
    int most = (int) Math.min(samples, Integer.MAX_VALUE);
    call.reply().integer(call.db().bytes(entry, most));
  }
}
