package carnelian.engine.acl;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.Permissions;
import org.junit.jupiter.api.Test;

class AclLogTest {
  private final AclLog log = new AclLog();

  private void refuse(String object, long nowMillis) {
    log.add(
        AclLog.Reason.KEY,
        Permissions.Context.TOPLEVEL,
        object,
        "ann",
        nowMillis,
        "id=" + nowMillis);
  }

  @Test
  void refusalsOfOneKindWithinAMinute_areOneEntry() {
    refuse("k", 0);
    refuse("k", 60_000);
    refuse("k", 120_000);

    assertThat(log.newest(10)).hasSize(1);
    AclLog.Entry entry = log.newest(10).getFirst();
    assertThat(entry.count).isEqualTo(3);
    assertThat(entry.createdMillis).isZero();
    assertThat(entry.updatedMillis).isEqualTo(120_000);
    assertThat(entry.client).isEqualTo("id=120000");
  }

  @Test
  void refusalsLongApart_areTwoEntries() {
    refuse("k", 0);
    refuse("k", 60_001);

    assertThat(log.newest(10)).extracting(entry -> entry.id).containsExactly(1L, 0L);
  }

  @Test
  void theOldestEntriesGo_whenThereAreTooMany() {
    log.maxLength(2);
    refuse("a", 0);
    refuse("b", 0);
    refuse("c", 0);

    assertThat(log.newest(10)).extracting(entry -> entry.object).containsExactly("c", "b");
    log.maxLength(1);
    assertThat(log.newest(10)).extracting(entry -> entry.object).containsExactly("c");
  }

  @Test
  void refusalsAreCounted_evenAfterTheEntriesHaveGone() {
    refuse("a", 0);
    refuse("b", 0);
    log.clear();

    assertThat(log.denied(AclLog.Reason.KEY)).isEqualTo(2);
    assertThat(log.denied(AclLog.Reason.AUTH)).isZero();
    log.resetStatistics();
    assertThat(log.denied(AclLog.Reason.KEY)).isZero();
  }
}
