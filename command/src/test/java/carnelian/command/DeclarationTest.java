package carnelian.command;

import static carnelian.command.Arg.key;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.MOVABLEKEYS;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.INCOMPLETE;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.KeySpec.first;
import static carnelian.command.KeySpec.unknown;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.nil;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DeclarationTest {

  private static Declaration.Builder some(String name) {
    return declare(name).group(Group.STRING).since("1.0.0").summary("For a test.").arity(-2);
  }

  @Test
  void declaration_ofGetdel_saysWhatWasDeclared() {
    Declaration getdel =
        declare("GETDEL")
            .group(Group.STRING)
            .since("6.2.0")
            .complexity("O(1)")
            .summary("Returns a string and deletes its key.")
            .arity(2)
            .flags(WRITE, FAST)
            .keys(first(RW, ACCESS, DELETE))
            .args(key("key"))
            .replies(bulk(), nil())
            .build();

    assertThat(getdel.name()).isEqualTo("getdel");
    assertThat(getdel.container()).isNull();
    assertThat(getdel.accepts(2)).isTrue();
    assertThat(getdel.accepts(3)).isFalse();
    assertThat(getdel.flags()).containsExactly(WRITE, FAST);
    assertThat(getdel.has(WRITE)).isTrue();
    assertThat(getdel.has(READONLY)).isFalse();
    assertThat(getdel.categories())
        .containsExactly(AclCategory.WRITE, AclCategory.STRING, AclCategory.FAST);
    assertThat(List.of(getdel.firstKey(), getdel.lastKey(), getdel.keyStep()))
        .isEqualTo(List.of(1, 1, 1));
    assertThat(getdel.keySpecs().getFirst().has(DELETE)).isTrue();
  }

  @Test
  void arity_belowZero_isAMinimum() {
    Declaration declaration = some("MGET").build();

    assertThat(declaration.accepts(1)).isFalse();
    assertThat(declaration.accepts(2)).isTrue();
    assertThat(declaration.accepts(200)).isTrue();
  }

  @Test
  void categories_ofAnAdminCommand_areAdminAndDangerous() {
    Declaration declaration = some("CONFIG|SET").group(Group.SERVER).flags(ADMIN).build();

    assertThat(declaration.categories())
        .containsExactly(AclCategory.ADMIN, AclCategory.SLOW, AclCategory.DANGEROUS);
    assertThat(declaration.container()).isEqualTo("config");
    assertThat(declaration.ownName()).isEqualTo("set");
  }

  @Test
  void categories_ofAReadOnlyScript_areNotRead() {
    Declaration declaration = some("EVAL_RO").group(Group.SCRIPTING).flags(READONLY).build();

    assertThat(declaration.categories()).containsExactly(AclCategory.SLOW, AclCategory.SCRIPTING);
  }

  @Test
  void range_ofTwoNeighbouringKeys_coversBoth() {
    Declaration rename = some("RENAME").keys(first(RW, ACCESS, DELETE), at(2, OW, UPDATE)).build();

    assertThat(rename.firstKey()).isEqualTo(1);
    assertThat(rename.lastKey()).isEqualTo(2);
    assertThat(rename.keyStep()).isEqualTo(1);
    assertThat(rename.has(MOVABLEKEYS)).isFalse();
  }

  @Test
  void range_ofBitop_endsAtTheLastArgument() {
    Declaration bitop = some("BITOP").keys(at(2, OW, UPDATE), allFrom(3, RO, ACCESS)).build();

    assertThat(bitop.firstKey()).isEqualTo(2);
    assertThat(bitop.lastKey()).isEqualTo(-1);
  }

  @Test
  void range_withKeysThatOnlyACountFinds_isMovable() {
    Declaration zunionstore =
        some("ZUNIONSTORE")
            .flags(WRITE, DENYOOM)
            .keys(first(OW, UPDATE), counted(2, RO, ACCESS))
            .build();

    assertThat(zunionstore.lastKey()).isEqualTo(1);
    assertThat(zunionstore.flags()).containsExactly(WRITE, DENYOOM, MOVABLEKEYS);
  }

  @Test
  void range_ofAnIncompleteOrUnknownSpec_isMovable() {
    assertThat(some("A").keys(first(RW, INCOMPLETE)).build().has(MOVABLEKEYS)).isTrue();
    assertThat(some("B").keys(unknown(RW)).build().has(MOVABLEKEYS)).isTrue();
    assertThat(some("B").keys(unknown(RW)).build().firstKey()).isZero();
  }

  @Test
  void container_takesOnlyItsOwnSubcommands() {
    Declaration get = some("CONFIG|GET").build();

    assertThat(some("CONFIG").subcommands(List.of(get)).build().isContainer()).isTrue();
    assertThatThrownBy(() -> some("OBJECT").subcommands(List.of(get)).build())
        .hasMessage("config|get is not a subcommand of object");
  }

  @Test
  void build_withoutGroup_saysWhatIsMissing() {
    assertThatThrownBy(() -> declare("X").since("1.0.0").arity(1).build())
        .hasMessage("x: group is missing");
  }

  @Test
  void arg_modifiers_leaveTheRestAlone() {
    Arg arg = Arg.integer("seconds").token("EX").since("6.2.0").optional().multipleToken();

    assertThat(arg.token()).isEqualTo("EX");
    assertThat(arg.since()).isEqualTo("6.2.0");
    assertThat(arg.isOptional()).isTrue();
    assertThat(arg.isMultiple()).isTrue();
    assertThat(arg.isMultipleToken()).isTrue();
    assertThat(Arg.oneOf("when", Arg.pureToken("NX")).displayText()).isNull();
  }
}
