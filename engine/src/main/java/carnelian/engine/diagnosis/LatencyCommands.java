package carnelian.engine.diagnosis;

import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.integer;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.REQUEST_ALL_NODES;
import static carnelian.command.Tip.RESPONSE_AGG_SUM;
import static carnelian.command.Tip.RESPONSE_SPECIAL;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.resp.Reply;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// LATENCY.
final class LatencyCommands {
  /// The histogram's first bucket ends here; each of the following at twice the one before.
  private static final long FIRST_BUCKET_NANOS = 1024;

  /// The end of the last bucket, which holds a second and whatever is longer.
  private static final long LAST_BUCKET_NANOS = (1L << 30) - 1;

  private final LatencyMonitor monitor;
  private final CommandTable commands;

  LatencyCommands(LatencyMonitor monitor, CommandTable commands) {
    this.monitor = monitor;
    this.commands = commands;
  }

  List<Command> all() {
    return List.of(latency());
  }

  /// LATENCY — Looks into delays; see its subcommands.
  private Command latency() {
    return container(
        declare("LATENCY")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("Depends on subcommand")
            .summary("Looks into delays; see its subcommands.")
            .arity(-2),
        List.of(
            latencyDoctor(),
            latencyGraph(),
            latencyHelp(),
            latencyHistogram(),
            latencyHistory(),
            latencyLatest(),
            latencyReset()));
  }

  /// LATENCY DOCTOR — Explains in words what delays there were.
  private Command latencyDoctor() {
    return command(
        declare("LATENCY|DOCTOR")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(1)")
            .summary("Explains in words what delays there were.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(bulk())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_NODES, RESPONSE_SPECIAL),
        call -> call.reply().verbatim("txt", LatencyReport.doctor(monitor)));
  }

  /// LATENCY GRAPH — Draws the delays of one event.
  private Command latencyGraph() {
    return command(
        declare("LATENCY|GRAPH")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(1)")
            .summary("Draws the delays of one event.")
            .arity(3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("event"))
            .replies(bulk())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_NODES, RESPONSE_SPECIAL),
        this::graph);
  }

  private void graph(Call call) {
    String event = call.arg(2).toString();
    LatencyMonitor.Series series = monitor.find(event);
    if (series == null) {
      throw ReplyError.err("No samples available for event '" + event + "'");
    }
    call.reply().verbatim("txt", LatencyReport.graph(series, monitor.nowSeconds()));
  }

  /// LATENCY HELP — Lists the subcommands.
  private Command latencyHelp() {
    return command(
        declare("LATENCY|HELP")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// LATENCY HISTOGRAM — Replies with how long commands took, as cumulative counts.
  private Command latencyHistogram() {
    return command(
        declare("LATENCY|HISTOGRAM")
            .group(Group.SERVER)
            .since("7.0.0")
            .complexity("O(N), N = commands with latency information retrieved")
            .summary("Replies with how long commands took, as cumulative counts.")
            .arity(-2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("command").multiple().optional())
            .replies(map())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_NODES, RESPONSE_SPECIAL),
        this::histogram);
  }

  private void histogram(Call call) {
    Reply reply = call.reply();
    int mark = reply.deferArray();
    int shown = 0;
    if (call.argc() == 2) {
      for (CommandEntry entry : commands.declaredSoFar()) {
        shown += histograms(reply, entry);
      }
    } else {
      for (int i = 2; i < call.argc(); i++) {
        CommandEntry entry = byFullName(call.arg(i).toString());
        shown += entry == null ? 0 : histograms(reply, entry);
      }
    }
    reply.closeMap(mark, shown);
  }

  private @Nullable CommandEntry byFullName(String name) {
    int bar = name.indexOf('|');
    CommandEntry entry = commands.find(bar < 0 ? name : name.substring(0, bar));
    if (entry == null || bar < 0) {
      return entry;
    }
    CommandTable subcommands = entry.subcommands();
    return subcommands == null ? null : subcommands.find(name.substring(bar + 1));
  }

  /// Those of a command and of its subcommands.
  private static int histograms(Reply reply, CommandEntry entry) {
    int shown = 0;
    Histogram histogram = entry.latencies();
    if (histogram != null) {
      reply.bulk(entry.name());
      write(reply, histogram);
      shown++;
    }
    CommandTable subcommands = entry.subcommands();
    if (subcommands != null) {
      for (CommandEntry subcommand : subcommands.entries()) {
        shown += histograms(reply, subcommand);
      }
    }
    return shown;
  }

  private static void write(Reply reply, Histogram histogram) {
    reply.map(2);
    reply.bulk("calls");
    reply.integer(histogram.getTotalCount());
    reply.bulk("histogram_usec");
    int mark = reply.deferArray();
    int buckets = 0;
    long before = 0;
    for (long nanos = FIRST_BUCKET_NANOS; before < histogram.getTotalCount(); nanos *= 2) {
      long upTo = histogram.getCountBetweenValues(0, nanos);
      if (upTo > before) {
        long end = Math.min(histogram.highestEquivalentValue(nanos), LAST_BUCKET_NANOS);
        reply.integer(TimeUnit.NANOSECONDS.toMicros(end));
        reply.integer(upTo);
        buckets++;
      }
      before = upTo;
    }
    reply.closeMap(mark, buckets);
  }

  /// LATENCY HISTORY — Replies with the delays of one event over time.
  private Command latencyHistory() {
    return command(
        declare("LATENCY|HISTORY")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(1)")
            .summary("Replies with the delays of one event over time.")
            .arity(3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("event"))
            .replies(array())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_NODES, RESPONSE_SPECIAL),
        this::history);
  }

  private void history(Call call) {
    LatencyMonitor.Series series = monitor.find(call.arg(2).toString());
    Reply reply = call.reply();
    int samples = series == null ? 0 : series.count();
    reply.array(samples);
    for (int i = 0; series != null && i < samples; i++) {
      reply.array(2);
      reply.integer(series.unixSecond(i));
      reply.integer(series.millis(i));
    }
  }

  /// LATENCY LATEST — Replies with the last delay of every event.
  private Command latencyLatest() {
    return command(
        declare("LATENCY|LATEST")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(1)")
            .summary("Replies with the last delay of every event.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(array())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_NODES, RESPONSE_SPECIAL),
        this::latest);
  }

  private void latest(Call call) {
    Reply reply = call.reply();
    reply.array(monitor.all().size());
    for (LatencyMonitor.Series series : monitor.all()) {
      reply.array(4);
      reply.bulk(series.event());
      reply.integer(series.unixSecond(series.count() - 1));
      reply.integer(series.millis(series.count() - 1));
      reply.integer(series.worstMillis());
    }
  }

  /// LATENCY RESET — Forgets delays.
  private Command latencyReset() {
    return command(
        declare("LATENCY|RESET")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(1)")
            .summary("Forgets delays.")
            .arity(-2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("event").multiple().optional())
            .replies(integer())
            .tips(REQUEST_ALL_NODES, RESPONSE_AGG_SUM),
        this::reset);
  }

  private void reset(Call call) {
    if (call.argc() == 2) {
      call.reply().integer(monitor.resetAll());
      return;
    }
    int forgotten = 0;
    for (int i = 2; i < call.argc(); i++) {
      forgotten += monitor.reset(call.arg(i).toString()) ? 1 : 0;
    }
    call.reply().integer(forgotten);
  }
}
