package carnelian.engine.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.keyspace.EventClass;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NotifiedEventsTest {

  private static NotifiedEvents parse(String letters) {
    return Objects.requireNonNull(NotifiedEvents.parse(letters));
  }

  @Test
  void letters_comeBackInRedissOrder() {
    assertThat(parse("").letters()).isEmpty();
    assertThat(parse("KEA").letters()).isEqualTo("AKE");
    assertThat(parse("Elg$").letters()).isEqualTo("g$lE");
    assertThat(parse("mnxK").letters()).isEqualTo("xnKm");
    assertThat(parse("g$lshzxetd").letters()).isEqualTo("A");
  }

  @Test
  void classes_areNoneWithoutKeyOrEvent() {
    assertThat(parse("A").classes()).isZero();
    assertThat(parse("gE").classes()).isEqualTo(EventClass.GENERIC.bit());
  }

  @Test
  void all_includesNeitherMissesNorNewKeys() {
    assertThat(parse("AK").classes() & (EventClass.KEY_MISS.bit() | EventClass.NEW.bit())).isZero();
  }

  @Test
  void unknownLetter_isRefused() {
    assertThat(NotifiedEvents.parse("Kq")).isNull();
  }
}
