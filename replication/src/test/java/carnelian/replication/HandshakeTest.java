package carnelian.replication;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.persistence.log.Position;
import carnelian.replication.Handshake.Action;
import carnelian.replication.Handshake.Event;
import carnelian.replication.Handshake.Policy;
import carnelian.replication.Handshake.State;
import carnelian.replication.Handshake.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
  private static final String ID = "0123456789abcdef0123456789abcdef01234567";
  private static final String OTHER = "f".repeat(40);

  private static Policy policy(@Nullable Position offered) {
    return new Policy("", "", 6380, "", offered);
  }

  /// What is sent and done when the primary says these lines, one after the other.
  private static List<String> talk(Policy policy, String... lines) {
    List<String> done = new ArrayList<>();
    State state = new State.Connecting();
    Event event = new Event.Connected();
    for (int i = 0; ; i++) {
      Step step = Handshake.step(state, event, policy);
      state = step.next();
      for (Action action : step.actions()) {
        switch (action) {
          case Action.Send(List<String> words) -> done.add(String.join(" ", words));
          case Action.Say _ -> {}
          case Action.ReceiveSnapshot(Position cut) ->
              done.add("snapshot " + cut.replicationId() + ":" + cut.offset());
          case Action.Follow(String newId) -> done.add("follow " + newId);
          case Action.GiveUp(String reason) -> done.add("give up: " + reason);
        }
      }
      if (i == lines.length) {
        return done;
      }
      event = new Event.Line(lines[i]);
    }
  }

  @Test
  void newReplica_getsASnapshot() {
    assertThat(talk(policy(null), "+PONG", "+OK", "+OK", "", "+FULLRESYNC " + ID + " 17"))
        .containsExactly(
            "PING",
            "REPLCONF listening-port 6380",
            "REPLCONF capa eof capa psync2",
            "PSYNC ? -1",
            "snapshot " + ID + ":17");
  }

  @Test
  void passwordAndAddress_areSaidWhereThereAreSome() {
    Policy policy = new Policy("me", "secret", 6380, "10.0.0.1", null);
    assertThat(talk(policy, "-NOAUTH Authentication required.", "+OK", "+OK", "+OK", "+OK"))
        .containsExactly(
            "PING",
            "AUTH me secret",
            "REPLCONF listening-port 6380",
            "REPLCONF ip-address 10.0.0.1",
            "REPLCONF capa eof capa psync2",
            "PSYNC ? -1");
    assertThat(talk(policy, "+PONG", "-WRONGPASS no")).last().asString().startsWith("give up");
  }

  @Test
  void knownReplica_goesOnWhereItStopped() {
    Policy policy = policy(new Position(ID, 99));
    assertThat(talk(policy, "+PONG", "+OK", "-ERR what", "+CONTINUE"))
        .endsWith("PSYNC " + ID + " 100", "follow null");
    assertThat(talk(policy, "+PONG", "+OK", "+OK", "+CONTINUE " + ID)).endsWith("follow null");
    assertThat(talk(policy, "+PONG", "+OK", "+OK", "+CONTINUE " + OTHER))
        .endsWith("follow " + OTHER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+FULLRESYNC",
        "+FULLRESYNC x 1",
        "+FULLRESYNC 0123456789abcdef0123456789abcdef01234567 -1",
        "+FULLRESYNC 0123456789abcdef0123456789abcdef01234567 9999999999999999999",
        "+CONTINUE",
        "-NOMASTERLINK Can't SYNC",
        "-ERR unknown",
        "garbage"
      })
  void answersThatMakeNoSense_endTheLink(String answer) {
    assertThat(talk(policy(null), "+PONG", "+OK", "+OK", answer))
        .last()
        .asString()
        .startsWith("give up");
  }

  @Test
  void linesThatNobodyWaitsFor_changeNothing() {
    Step step = Handshake.step(new State.Ended(), new Event.Line("+PONG"), policy(null));
    assertThat(step).isEqualTo(Step.stay(new State.Ended()));
    assertThat(Handshake.step(new State.AwaitingPong(), new Event.Connected(), policy(null)))
        .isEqualTo(Step.stay(new State.AwaitingPong()));
  }
}
