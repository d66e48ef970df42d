package carnelian.replication;

import carnelian.persistence.log.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How a replica introduces itself to its primary, as steps without any I/O.
///
/// ```
/// Connecting ─▶ AwaitingPong ─▶ AwaitingAuth ─▶ AwaitingPort ─▶ AwaitingAddress ─▶ AwaitingCapabilities
///                                                                                        │
///      Ended ◀── full resync, partial resync, or why not ◀── AwaitingPsync ◀─────────────┘
/// ```
///
/// | state | in Redis |
/// |---|---|
/// | `Connecting` | `REPL_STATE_CONNECTING` |
/// | `AwaitingPong` | `REPL_STATE_RECEIVE_PING_REPLY` |
/// | `AwaitingAuth` | `REPL_STATE_RECEIVE_AUTH_REPLY` |
/// | `AwaitingPort` | `REPL_STATE_RECEIVE_PORT_REPLY` |
/// | `AwaitingAddress` | `REPL_STATE_RECEIVE_IP_REPLY` |
/// | `AwaitingCapabilities` | `REPL_STATE_RECEIVE_CAPA_REPLY` |
/// | `AwaitingPsync` | `REPL_STATE_RECEIVE_PSYNC_REPLY` |
///
/// What a primary of an old version does not know (ports, addresses, capabilities) is no obstacle;
/// what it refuses for want of a password is.
final class Handshake {
  private static final long MAX_OFFSET = Long.MAX_VALUE >> 1;

  private Handshake() {}

  /// What a replica has to say.
  ///
  /// @param user empty: the default one
  /// @param password empty: none is given
  /// @param address what it announces as its own; empty: where it connects from
  /// @param offered where its copy of the stream ends; null if it has none
  record Policy(
      String user, String password, int port, String address, @Nullable Position offered) {}

  sealed interface State {
    record Connecting() implements State {}

    record AwaitingPong() implements State {}

    record AwaitingAuth() implements State {}

    record AwaitingPort() implements State {}

    record AwaitingAddress() implements State {}

    record AwaitingCapabilities() implements State {}

    record AwaitingPsync() implements State {}

    record Ended() implements State {}
  }

  sealed interface Event {
    record Connected() implements Event {}

    /// A line of the primary, without its end.
    record Line(String text) implements Event {}
  }

  sealed interface Action {
    record Send(List<String> words) implements Action {}

    /// Something for the log.
    record Say(String text) implements Action {}

    /// A snapshot follows, cut there.
    record ReceiveSnapshot(Position cut) implements Action {}

    /// The stream follows where it ended; the history may have another ID from there on.
    record Follow(@Nullable String newId) implements Action {}

    record GiveUp(String reason) implements Action {}
  }

  record Step(State next, List<Action> actions) {
    static Step stay(State state) {
      return new Step(state, List.of());
    }
  }

  static Step step(State state, Event event, Policy policy) {
    return switch (event) {
      case Event.Connected() ->
          switch (state) {
            case State.Connecting _ ->
                new Step(
                    new State.AwaitingPong(),
                    List.of(
                        new Action.Say("Non blocking connect for SYNC fired the event."),
                        send("PING")));
            case State.AwaitingPong _, State.AwaitingAuth _, State.AwaitingPort _ ->
                Step.stay(state);
            case State.AwaitingAddress _, State.AwaitingCapabilities _ -> Step.stay(state);
            case State.AwaitingPsync _, State.Ended _ -> Step.stay(state);
          };
      case Event.Line(String text) -> line(state, text, policy);
    };
  }

  private static Step line(State state, String text, Policy policy) {
    boolean refused = text.startsWith("-");
    return switch (state) {
      case State.Connecting _, State.Ended _ -> Step.stay(state);
      case State.AwaitingPong _ -> {
        if (refused && !isAboutPermission(text)) {
          yield giveUp("Error reply to PING from master: '" + text + "'");
        }
        Action said = new Action.Say("Master replied to PING, replication can continue...");
        yield policy.password().isEmpty()
            ? port(policy, said)
            : new Step(new State.AwaitingAuth(), List.of(said, auth(policy)));
      }
      case State.AwaitingAuth _ ->
          refused ? giveUp("Unable to AUTH to MASTER: " + text) : port(policy, null);
      case State.AwaitingPort _ ->
          policy.address().isEmpty()
              ? capabilities(complaint(refused, "listening-port", text))
              : new Step(
                  new State.AwaitingAddress(),
                  with(
                      complaint(refused, "listening-port", text),
                      send("REPLCONF", "ip-address", policy.address())));
      case State.AwaitingAddress _ -> capabilities(complaint(refused, "ip-address", text));
      case State.AwaitingCapabilities _ -> psync(policy, complaint(refused, "capa", text));
      case State.AwaitingPsync _ -> text.isEmpty() ? Step.stay(state) : answer(text, policy);
    };
  }

  /// A server that wants a password says so before it is given.
  private static boolean isAboutPermission(String text) {
    return text.startsWith("-NOAUTH")
        || text.startsWith("-NOPERM")
        || text.startsWith("-ERR operation not permitted");
  }

  private static Action auth(Policy policy) {
    return policy.user().isEmpty()
        ? send("AUTH", policy.password())
        : send("AUTH", policy.user(), policy.password());
  }

  private static Step port(Policy policy, @Nullable Action before) {
    return new Step(
        new State.AwaitingPort(),
        with(before, send("REPLCONF", "listening-port", Integer.toString(policy.port()))));
  }

  private static Step capabilities(@Nullable Action before) {
    return new Step(
        new State.AwaitingCapabilities(),
        with(before, send("REPLCONF", "capa", "eof", "capa", "psync2")));
  }

  private static Step psync(Policy policy, @Nullable Action before) {
    Position offered = policy.offered();
    List<Action> actions = new ArrayList<>(with(before, null));
    if (offered == null) {
      actions.add(new Action.Say("Partial resynchronization not possible (no cached master)"));
      actions.add(send("PSYNC", "?", "-1"));
    } else {
      String next = Long.toString(offered.offset() + 1);
      actions.add(
          new Action.Say(
              "Trying a partial resynchronization (request "
                  + offered.replicationId()
                  + ":"
                  + next
                  + ")."));
      actions.add(send("PSYNC", offered.replicationId(), next));
    }
    return new Step(new State.AwaitingPsync(), actions);
  }

  private static Step answer(String text, Policy policy) {
    String[] words = text.split(" +", -1);
    if (words[0].equals("+FULLRESYNC")) {
      Position cut = words.length >= 3 ? position(words[1], words[2]) : null;
      return cut == null
          ? giveUp("Master replied with wrong +FULLRESYNC syntax.")
          : new Step(
              new State.Ended(),
              List.of(
                  new Action.Say(
                      "Full resync from master: " + cut.replicationId() + ":" + cut.offset()),
                  new Action.ReceiveSnapshot(cut)));
    }
    if (words[0].equals("+CONTINUE")) {
      Position offered = policy.offered();
      String id = words.length > 1 ? words[1] : null;
      if (offered == null || (id != null && !Position.isId(id))) {
        return giveUp("Master replied with +CONTINUE to no such request.");
      }
      boolean changed = id != null && !id.equals(offered.replicationId());
      return new Step(
          new State.Ended(),
          List.of(
              new Action.Say("Successful partial resynchronization with master."),
              new Action.Follow(changed ? id : null)));
    }
    if (text.toUpperCase(Locale.ROOT).startsWith("-NOMASTERLINK") || text.startsWith("-LOADING")) {
      return giveUp("Master is currently unable to PSYNC but should be in the future: " + text);
    }
    return giveUp("Unexpected reply to PSYNC from master: " + text);
  }

  private static @Nullable Position position(String id, String offset) {
    if (!Position.isId(id) || !offset.matches("[0-9]{1,18}")) {
      return null;
    }
    long number = Long.parseLong(offset);
    return number > MAX_OFFSET ? null : new Position(id, number);
  }

  private static @Nullable Action complaint(boolean refused, String option, String text) {
    return refused
        ? new Action.Say(
            "(Non critical) Master does not understand REPLCONF " + option + ": " + text)
        : null;
  }

  private static Action send(String... words) {
    return new Action.Send(List.of(words));
  }

  private static List<Action> with(@Nullable Action first, @Nullable Action second) {
    List<Action> actions = new ArrayList<>();
    if (first != null) {
      actions.add(first);
    }
    if (second != null) {
      actions.add(second);
    }
    return actions;
  }

  private static Step giveUp(String reason) {
    return new Step(new State.Ended(), List.of(new Action.GiveUp(reason)));
  }
}
