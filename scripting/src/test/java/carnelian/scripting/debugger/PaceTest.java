package carnelian.scripting.debugger;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.scripting.debugger.Pace.Event;
import carnelian.scripting.debugger.Pace.Reason;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Event.Reached LINE = new Event.Reached(false, false);
  private static final Event.Reached BREAKPOINT = new Event.Reached(true, false);
  private static final Event.Reached OVERDUE = new Event.Reached(false, true);

  @Test
  void eachPace_stopsForItsOwnReasons() {
    Pace stepping = new Pace.Stepping(false);
    Pace running = new Pace.Running(false);
    assertThat(Pace.reason(stepping, LINE)).isEqualTo(Reason.STEP);
    assertThat(Pace.reason(stepping, BREAKPOINT)).isEqualTo(Reason.BREAKPOINT);
    assertThat(Pace.reason(running, LINE)).isNull();
    assertThat(Pace.reason(running, BREAKPOINT)).isEqualTo(Reason.BREAKPOINT);
    assertThat(Pace.reason(running, OVERDUE)).isEqualTo(Reason.OVERDUE);
    assertThat(Pace.reason(new Pace.Running(true), LINE)).isEqualTo(Reason.CALLED);
    assertThat(Pace.reason(new Pace.Detached(), BREAKPOINT)).isNull();
    assertThat(Pace.reason(new Pace.Ended("x"), LINE)).isNull();
  }

  @Test
  void aCallOfTheBreakpoint_countsWhateverTheScriptDoes() {
    Event called = new Event.Called();
    Pace stopped = Pace.after(new Pace.Stopped(false, false), called);
    assertThat(Pace.after(stopped, new Event.Continue())).isEqualTo(new Pace.Running(true));
    assertThat(Pace.after(stopped, new Event.Step())).isEqualTo(new Pace.Stepping(true));
    assertThat(Pace.after(new Pace.Running(false), called)).isEqualTo(new Pace.Running(true));
    assertThat(Pace.after(new Pace.Detached(), called)).isEqualTo(new Pace.Detached());
  }

  @Test
  void whoeverIsLeftAlone_endsWhenItIsOverdue() {
    Pace alone = Pace.after(new Pace.Stopped(false, false), new Event.Left());
    assertThat(alone).isEqualTo(new Pace.Detached());
    assertThat(Pace.after(alone, LINE)).isEqualTo(alone);
    Pace ended = new Pace.Ended(Pace.LEFT_ALONE);
    assertThat(Pace.after(alone, OVERDUE)).isEqualTo(ended);
    assertThat(Pace.after(new Pace.Stopped(true, false), new Event.Left())).isEqualTo(ended);
  }

  @Test
  void theFirstEnd_stays() {
    Pace ended = Pace.after(new Pace.Stopped(false, false), new Event.Fail("first"));
    assertThat(ended).isEqualTo(new Pace.Ended("first"));
    assertThat(Pace.after(ended, new Event.Fail("second"))).isEqualTo(ended);
    assertThat(Pace.after(ended, new Event.Left())).isEqualTo(ended);
    assertThat(Pace.after(ended, LINE)).isEqualTo(ended);
  }
}
