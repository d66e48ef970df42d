package carnelian.engine;

import carnelian.base.Clock;
import carnelian.resp.RequestBatch;
import java.util.ArrayList;
import java.util.List;
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

  /// Whoever would be refused is held back for now.
  private boolean patient;

  private final List<Client> held = new ArrayList<>();

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
    release();
    busy = refusal;
    try {
      loop.turn();
    } finally {
      leave();
    }
  }

  /// As [#take], but waits until there is somebody to serve; until a moment, whoever would be
  /// refused is held back.
  void await(ReplyError refusal, long patientUntilNanos) {
    long patienceNanos = patientUntilNanos - clock.monotonicNanos();
    patient = patienceNanos > 0;
    if (!patient) {
      release();
    }
    busy = refusal;
    try {
      loop.await(held.isEmpty() ? Long.MAX_VALUE : patienceNanos);
    } finally {
      patient = false;
      leave();
    }
  }

  private void leave() {
    if (!abandoned) {
      busy = null;
    }
  }

  /// Whoever was held back goes on: the command is done, or it is told now that it is not.
  void release() {
    for (Client client : held) {
      if (client.blockage == Client.Blockage.WORK) {
        client.blockage = Client.Blockage.NONE;
        client.outlet().resume();
      }
    }
    held.clear();
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
        call.open(client, batch, next);
        if (!process(Dispatcher.resolve(call, dispatcher.commands().find(call.arg(0))))) {
          break;
        }
        next++;
        client.commandReplied();
      }
    } finally {
      call.close();
      dispatcher.executing(outer);
    }
    return next;
  }

  /// Answers one command. False if it is held back and has to come again.
  @SuppressWarnings("ReferenceEquality") // The very refusal of this turn.
  private boolean process(@Nullable CommandEntry entry) {
    if (entry == null) {
      dispatcher.refuse(call, dispatcher.unknown(call));
      return true;
    }
    call.resolve(entry);
    ReplyError refusal = dispatcher.admission.refusal(call, entry);
    Client client = call.client();
    if (refusal != null && refusal == busy && patient) {
      client.blockage = Client.Blockage.WORK;
      client.outlet().pause();
      held.add(client);
      return false;
    }
    if (refusal != null) {
      entry.countRejected();
      dispatcher.refuse(call, refusal);
    } else if (client.isInTransaction() && !entry.runsInTransaction) {
      dispatcher.enqueue(call);
    } else {
      run(entry);
    }
    return true;
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
