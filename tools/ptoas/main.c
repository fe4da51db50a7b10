/* ptoas: stands in for the real ptoas, and lowers its input first where that is asked for.
 *
 * Off (the default), it executes the real ptoas with the arguments unchanged. On, `ptoas-lower`
 * writes the lowered file, and the real ptoas compiles that; where either fails, it compiles the
 * original. docs/dropin.md has the rules.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "common/capture.h"
#include "common/child.h"
#include "common/say.h"
#include "common/streams.h"
#include "find.h"
#include "log.h"
#include "lowering.h"
#include "paths.h"
#include "proof.h"
#include "settings.h"
#include "version.h"

/* One call of the drop-in that is on. */
typedef struct call {
  settings settings;
  command given;
  real_ptoas real;
  paths paths;
  char version[PTOAS_VERSION_SIZE]; /* of the real one; empty: not known */
  helper helper;                    /* that has lowered the input, and may prove what comes of it */
} call;

static _Noreturn void execute_real(const real_ptoas *real, char **argv) {
  argv[0] = (char *)real->path;
  execv(real->path, argv);
  dropin_say(true, PTL_CODE_DROPIN_NO_PTOAS,
             "'%s' cannot be executed: %s; set PTOLOWER_PTOAS to the real ptoas", real->path,
             strerror(errno));
  exit(1);
}

/* Has ptoas compile the lowered file or the original into a file of its own; it may be heard
 * through the captures only. False: it could not be started. */
static bool assemble(const call *c, compile which, int out_fd, int err_fd, child_end *end) {
  const char *output = c->paths.is_whole ? c->paths.temporaries[which] : NULL;
  const char *input = which == OF_LOWERED ? c->paths.lowered : NULL;
  char **words = command_words(&c->given, c->real.path, input, output);
  child real = {.words = words, .in_fd = -1, .out_fd = out_fd, .err_fd = err_fd};
  if (which == OF_LOWERED) {
    real.seconds = c->settings.seconds; /* the original has none: that is for who calls */
  }
  bool ok = words && child_run(&real, end);
  command_free_words(words);
  return ok;
}

static bool has_succeeded(const child_end *end) {
  return WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0;
}

/* Puts the output in place, and ends as ptoas did. */
static _Noreturn void finish(const call *c, compile which, const child_end *end) {
  if (!has_succeeded(end)) {
    paths_remove();
    child_end_like(end->status);
  }
  if (!paths_finish(&c->paths, which)) {
    dropin_say(true, PTL_CODE_DROPIN_OUTPUT, "'%s' cannot be written: %s", c->paths.target,
               strerror(errno));
    exit(1);
  }
  exit(0);
}

static _Noreturn void compile_original(const call *c) {
  child_end end;
  if (!assemble(c, OF_ORIGINAL, -1, -1, &end)) {
    paths_remove();
    execute_real(&c->real, c->given.argv);
  }
  finish(c, OF_ORIGINAL, &end);
}

static void append_log(const call *c, const lowering *done, bool is_rejected, const proof *proof) {
  log_entry entry = {.input = command_input(&c->given),
                     .output = command_output(&c->given),
                     .kernels = done->outcome == LOWERING_FAILED ? NULL : c->helper.told,
                     .why = done->reason,
                     .is_rejected = is_rejected,
                     .proof = proof};
  log_append(c->settings.log, &entry);
}

/* Our own failure: a warning, or with PTOLOWER_STRICT the end. */
static void warn_of_failure(const call *c, const lowering *done) {
  const char *input = command_input(&c->given);
  dropin_say(c->settings.strict, PTL_CODE_DROPIN_NOT_LOWERED, "%s was not lowered: %s%s",
             input ? input : "the input", done->reason,
             c->settings.strict ? "" : "; the original is compiled");
  if (c->settings.strict) {
    exit(1);
  }
}

static void warn_of_rejection(const call *c, int err_fd, const child_end *end) {
  if (c->settings.strict) {
    capture_replay(err_fd, STDERR_FILENO);
  }
  dropin_say(c->settings.strict, PTL_CODE_DROPIN_REJECTED, "ptoas %s the lowered %s%s",
             end->is_late ? "takes too long for" : "rejects", command_input(&c->given),
             c->settings.strict ? "" : "; the original is compiled");
  if (c->settings.strict) {
    exit(1);
  }
}

static void warn_of_race(const call *c, const proof *proof) {
  dropin_say(c->settings.strict, PTL_CODE_DROPIN_RACE, "%s: %s%s", command_input(&c->given),
             proof->reason, c->settings.strict ? "" : "; the original is compiled");
  if (c->settings.strict) {
    exit(1);
  }
}

/* What ptoas wrote, to be read; -1: it is not at hand. */
static int open_written(const call *c, int out_fd) {
  const char *output = command_output(&c->given);
  struct stat file;
  if (!c->paths.is_whole && !output) {
    return dup(out_fd);
  }
  const char *path = c->paths.is_whole ? c->paths.temporaries[OF_LOWERED] : output;
  return stat(path, &file) == 0 && S_ISREG(file.st_mode) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

/* Of the time that ptoas had, some is left for the proof. */
static unsigned seconds_left(const call *c, time_t begin) {
  time_t spent = time(NULL) - begin;
  return spent >= 0 && spent < (time_t)c->settings.seconds ? c->settings.seconds - (unsigned)spent
                                                           : 1;
}

static proof prove(call *c, int out_fd, time_t begin) {
  int cpp_fd = open_written(c, out_fd);
  proof out = proof_run(&c->helper, cpp_fd, seconds_left(c, begin));
  if (cpp_fd >= 0) {
    close(cpp_fd);
  }
  return out;
}

/* Has ptoas compile the lowered file; what it says counts only if it succeeds, and if its flags are
 * right. Returns if that is not so. */
static void compile_lowered(call *c, const lowering *done) {
  int out_fd = capture_open(), err_fd = capture_open();
  child_end end = {.status = -1};
  time_t begin = time(NULL);
  bool accepted = out_fd >= 0 && err_fd >= 0 && assemble(c, OF_LOWERED, out_fd, err_fd, &end) &&
                  has_succeeded(&end);
  bool is_asked = accepted && c->settings.proves;
  proof proof = {.fails = false};
  if (is_asked) {
    proof = prove(c, out_fd, begin);
  } else {
    helper_prove(&c->helper, NULL, 0, seconds_left(c, begin));
  }
  append_log(c, done, !accepted, is_asked ? &proof : NULL);
  if (proof.fails) {
    warn_of_race(c, &proof);
    return;
  }
  if (accepted) {
    capture_replay(err_fd, STDERR_FILENO);
    if (!capture_replay(out_fd, STDOUT_FILENO)) {
      exit(1);
    }
    finish(c, OF_LOWERED, &end);
  }
  warn_of_rejection(c, err_fd, &end);
}

static _Noreturn void lower_and_compile(call *c) {
  lowering done = {.outcome = LOWERING_FAILED};
  if (c->given.is_ambiguous) {
    snprintf(done.reason, sizeof(done.reason), "it is not clear which word is the input");
  } else if (!paths_choose(command_output(&c->given), command_input(&c->given), c->settings.keep,
                           &c->paths)) {
    snprintf(done.reason, sizeof(done.reason), "there is no place for it: %s", strerror(errno));
    c->paths.is_whole = false;
  } else {
    real_version(c->real.path, c->version);
    done = lowering_run(&c->settings, command_input(&c->given), c->paths.lowered, c->given.arch,
                        c->version, &c->helper);
  }
  if (done.outcome == LOWERING_CHANGED) {
    compile_lowered(c, &done);
    compile_original(c);
  }
  unlink(c->paths.lowered); /* of an earlier run, which lowered another input */
  append_log(c, &done, false, NULL);
  if (done.outcome == LOWERING_FAILED) {
    warn_of_failure(c, &done);
  }
  compile_original(c);
}

int main(int argc, char **argv) {
  call c = {.settings = settings_read()};
  if (!real_ptoas_find(c.settings.ptoas, &c.real)) {
    return 1;
  }
  if (settings_are_off(&c.settings) || c.real.is_guarded || argc < 1) {
    execute_real(&c.real, argv);
  }
  c.given = command_read(argc, argv);
  if (!c.given.input && !c.given.is_ambiguous) {
    execute_real(&c.real, argv); /* --version and the like */
  }
  if (c.given.input && !paths_are_usable(command_input(&c.given), command_output(&c.given))) {
    execute_real(&c.real, argv); /* a pipe can be read once; of what is wrong it speaks itself */
  }
  guard_standard_streams();
  lower_and_compile(&c);
}
