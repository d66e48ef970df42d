package carnelian.engine;

import carnelian.base.Clock;
import carnelian.resp.RequestBatch;
import org.jspecify.annotations.Nullable;

/// The turns that a command which takes long gives to others: while one goes on, only what is
/// flagged ALLOW_BUSY is run, which touches no data; all else is refused.
///
/// Nothing of the command in the middle of which that happens is touched: no clock, no unit of
/// propagation, no key.
final class Turns {
  private final Dispatcher dispatcher;
  private final Clock clock;
  private final Statistics statistics;
  private final EngineSettings settings;
  private final Call call;

  LoopTurns loop = LoopTurns.NONE;

  /// What others are told in a turn; null outside of one.
  @Nullable ReplyError busy;

  private boolean abandoned;

  Turns(Dispatcher dispatcher, Clock clock, Statistics statistics, EngineSettings settings) {
    this.dispatcher = dispatcher;
    this.clock = clock;
    this.statistics = statistics;
    this.settings = settings;
    call = new Call(dispatcher, 0);
  }

  /// Whether the call has to come again, from where the loop can turn.
  boolean isDeferred(Call call) {
    if ((call.admissionFlags() & CommandEntry.TAKES_TURNS) == 0 || loop.arePossible()) {
      return false;
    }
    call.client().outlet().defer();
    return true;
  }

  /// Lets others be served in the middle of a command.
  void take(ReplyError refusal) {
    take(refusal, false);
  }

  /// As [#take(ReplyError)], but waits until there is somebody to serve.
  void await(ReplyError refusal) {
    take(refusal, true);
  }

  private void take(ReplyError refusal, boolean waits) {
    busy = refusal;
    try {
      if (waits) {
        loop.await();
      } else {
        loop.turn();
      }
    } finally {
      if (!abandoned) {
        busy = null;
      }
    }
  }

  /// The command that takes turns has not happened, and no other one will: the process ends.
  void abandon() {
    abandoned = true;
    dispatcher.propagation().attach(null);
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /// As [Dispatcher#execute], for who is served in a turn.
  int execute(Client client, RequestBatch batch, int first) {
    client.interacted(clock.wallMillis());
    Client outer = dispatcher.executing();
    dispatcher.executing(client);
    int next = first;
    try {
      while (next < batch.commands() && client.isOpen() && !client.isBlocked()) {
        call.open(client, batch, next++);
        process(Dispatcher.resolve(call, dispatcher.commands().find(call.arg(0))));
        client.commandReplied();
      }
    } finally {
      call.close();
      dispatcher.executing(outer);
    }
    return next;
  }

  private void process(@Nullable CommandEntry entry) {
    if (entry == null) {
      dispatcher.refuse(call, dispatcher.unknown(call));
      return;
    }
    call.resolve(entry);
    ReplyError refusal = dispatcher.admit(call, entry);
    if (refusal != null) {
      entry.countRejected();
      dispatcher.refuse(call, refusal);
    } else if (call.client().isInTransaction() && !entry.runsInTransaction) {
      dispatcher.enqueue(call);
    } else {
      run(entry);
    }
  }

  private void run(CommandEntry entry) {
    Client client = call.client();
    Handler handler = entry.command().handler();
    int mark = client.reply().mark();
    long start = clock.monotonicNanos();
    try {
      if (handler == null) {
        throw ReplyError.wrongNumberOfArguments(entry.name());
      }
      handler.execute(call);
    } catch (ReplyError error) {
      Dispatcher.fail(client.reply(), mark, error);
      entry.countFailed();
    }
    entry.countCalls(1, clock.monotonicNanos() - start, settings.latencyTracking);
    client.executed(entry);
    statistics.commandsProcessed++;
  }
}
