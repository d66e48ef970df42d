package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.server.CommandLine.CheckRdb;
import carnelian.server.CommandLine.Refused;
import carnelian.server.CommandLine.Serve;
import carnelian.server.CommandLine.ShowVersion;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandLineTest {
  private static CommandLine parse(String... words) {
    return CommandLine.parse(List.of(words));
  }

  @Test
  void server_fileAndOptions() {
    assertThat(parse("server", "a.conf", "--port", "7000", "--save", "60", "1"))
        .isEqualTo(new Serve(Path.of("a.conf"), false, "port \"7000\" \nsave \"60\" \"1\" "));
  }

  @Test
  void server_optionsAlone() {
    assertThat(parse("server", "--port", "7000"))
        .isEqualTo(new Serve(null, false, "port \"7000\" "));
    assertThat(parse("server")).isEqualTo(new Serve(null, false, ""));
  }

  @Test
  void server_nameAndValueInOneWord() {
    assertThat(parse("server", "--port 7000", "--hz", "5"))
        .isEqualTo(new Serve(null, false, "port 7000 \nhz \"5\" "));
  }

  @Test
  void server_valueThatLooksLikeAName_isAValue() {
    assertThat(parse("server", "--requirepass", "--secret", "--hz", "1"))
        .isEqualTo(new Serve(null, false, "requirepass \"--secret\" \nhz \"1\" "));
  }

  @Test
  void server_bareSave_meansNoSavePoints() {
    assertThat(parse("server", "--save", "--port", "1"))
        .isEqualTo(new Serve(null, false, "save \"\"\nport \"1\" "));
    assertThat(parse("server", "--save")).isEqualTo(new Serve(null, false, "save \"\""));
    assertThat(parse("server", "--save", "")).isEqualTo(new Serve(null, false, "save \"\" "));
  }

  @Test
  void server_dash_readsStandardInputFirstOrLast() {
    assertThat(parse("server", "-")).isEqualTo(new Serve(null, true, ""));
    assertThat(parse("server", "a.conf", "--hz", "1", "-"))
        .isEqualTo(new Serve(Path.of("a.conf"), true, "hz \"1\" "));
    assertThat(parse("server", "-", "--hz", "1")).isEqualTo(new Serve(null, true, "hz \"1\" "));
  }

  @Test
  void server_quotesInAValue_areKept() {
    assertThat(parse("server", "--requirepass", "a\"b\\"))
        .isEqualTo(new Serve(null, false, "requirepass \"a\\\"b\\\\\" "));
  }

  @Test
  void others() {
    assertThat(parse("--version")).isEqualTo(new ShowVersion());
    assertThat(parse("server", "-v")).isEqualTo(new ShowVersion());
    assertThat(parse("check-rdb", "d.rdb")).isEqualTo(new CheckRdb(Path.of("d.rdb")));
    assertThat(parse("check-rdb")).isInstanceOf(Refused.class);
    assertThat(parse("server", "s.conf", "--sentinel")).isInstanceOf(Refused.class);
    assertThat(parse("server", "--test-memory", "1")).isInstanceOf(Refused.class);
    assertThat(parse("serve")).isInstanceOf(Refused.class);
  }
}
