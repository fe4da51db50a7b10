#include "pypto_kernel.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "output.h"
#include "ptoas.h"
#include "report.h"
#include "words.h"

static const char help[] =
    "usage: ptolower pypto-kernel --m=M --k=K --n=N --dtype=TYPE --out-dir=DIR [options]\n"
    "       ptolower pypto-kernel LOWERED.pto --out-dir=DIR [options]\n"
    "\n"
    "Writes what a pypto model needs to call a dual kernel: DIR/NAME.pto, NAME.cpp with its\n"
    "kernel_entry, and the stub NAME.py (docs/pypto-lib.md).\n"
    "\n"
    "  --m, --k, --n        the product that one task computes\n"
    "  --dtype=TYPE         i8, f16, bf16 or f32, of activation and weights\n"
    "  --weights=A,B        names of one to four results; the weights are w_A, w_B    (gate,up)\n"
    "  --name=NAME          of the kernel                                        (gate_up_dual)\n"
    "  --lda, --ldb, --ldc  leading dimensions of activation, weights, results      (K, N, LDB)\n"
    "  --b-rows=N           rows of each weight tensor, or any                              (K)\n"
    "  --n-offset=FROM      first column: argument, block (SPMD index times N), none\n"
    "                                                            (argument, if LDB is above N)\n"
    "  --k-offset=FROM      first row of the weights: argument, none\n"
    "                                                         (argument, if B-ROWS is above K)\n"
    "  --target=CHIP        a2a3 or a5                                                   (a2a3)\n"
    "  --ptoas=PATH         the ptoas that makes the C++, or none     ($PTOAS, else on PATH)\n"
    "  --help               this text\n";

typedef struct kernel_cli {
  const char *input, *out_dir, *name, *weights, *dtype, *target, *ptoas;
  const char *m, *k, *n, *lda, *ldb, *ldc, *b_rows, *n_offset, *k_offset;
  bool help;
} kernel_cli;

static ptolower_status read_words(int argc, char **argv, kernel_cli *out) {
  const word_option options[] = {{"out-dir", &out->out_dir, NULL},
                                 {"name", &out->name, NULL},
                                 {"weights", &out->weights, NULL},
                                 {"dtype", &out->dtype, NULL},
                                 {"target", &out->target, NULL},
                                 {"ptoas", &out->ptoas, NULL},
                                 {"m", &out->m, NULL},
                                 {"k", &out->k, NULL},
                                 {"n", &out->n, NULL},
                                 {"lda", &out->lda, NULL},
                                 {"ldb", &out->ldb, NULL},
                                 {"ldc", &out->ldc, NULL},
                                 {"b-rows", &out->b_rows, NULL},
                                 {"n-offset", &out->n_offset, NULL},
                                 {"k-offset", &out->k_offset, NULL},
                                 {"help", NULL, &out->help}};
  *out = (kernel_cli){.name = "gate_up_dual", .weights = "gate,up", .target = "a2a3"};
  word_list list = {.options = options,
                    .option_count = sizeof options / sizeof options[0],
                    .inputs = &out->input,
                    .max_inputs = 1};
  return words_read(&list, argc, argv);
}

static ptolower_status check_words(const kernel_cli *cli) {
  bool has_shape = cli->m && cli->k && cli->n && cli->dtype;
  if (!cli->out_dir) {
    return report_usage("no '--out-dir'");
  }
  if (cli->input && (cli->m || cli->k || cli->n || cli->dtype)) {
    return report_usage("a lowered kernel has its shape already");
  }
  return cli->input || has_shape ? PTOLOWER_OK
                                 : report_usage("a kernel needs --m, --k, --n and --dtype");
}

/* ---- a shape ------------------------------------------------------------ */

/* The extent that was given, else `missing`. */
static bool read_extent(const char *option, const char *word, long missing, long *out) {
  double number;
  if (!word) {
    *out = missing;
    return true;
  }
  if (!word_number(option, word, &number)) {
    return false;
  }
  *out = (long)number;
  if ((double)*out != number || number > 1e9) {
    report_usage("'--%s' is a whole number, not '%s'", option, word);
    return false;
  }
  return true;
}

static bool is_identifier(const char *word) {
  size_t length = strlen(word);
  bool ok = length > 0 && length < PYPTO_NAME - 2 && !isdigit((unsigned char)*word);
  for (size_t i = 0; ok && i < length; ++i) {
    ok = isalnum((unsigned char)word[i]) || word[i] == '_';
  }
  return ok;
}

static bool read_names(const kernel_cli *cli, pypto_shape *out) {
  const char *at = cli->weights;
  while (at && out->weight_count < PYPTO_WEIGHTS) {
    size_t length = strcspn(at, ",");
    snprintf(out->weights[out->weight_count], PYPTO_NAME, "%.*s", (int)length, at);
    if (!is_identifier(out->weights[out->weight_count++])) {
      break;
    }
    at = at[length] ? at + length + 1 : NULL;
  }
  if (at || !is_identifier(cli->name)) {
    report_usage("'--weights' is one to four names, and '--name' is a name");
  }
  return !at && is_identifier(cli->name);
}

static bool read_offset(const char *option, const char *word, bool is_wanted, bool may_be_block,
                        pypto_offset *out) {
  *out = is_wanted ? PYPTO_ARGUMENT : PYPTO_NO_OFFSET;
  if (!word || strcmp(word, "argument") == 0) {
    *out = word ? PYPTO_ARGUMENT : *out;
    return true;
  }
  *out = strcmp(word, "block") == 0 ? PYPTO_BLOCK : PYPTO_NO_OFFSET;
  bool ok = strcmp(word, "none") == 0 || (may_be_block && *out == PYPTO_BLOCK);
  if (!ok) {
    report_usage("'--%s' cannot be '%s'", option, word);
  }
  return ok;
}

/* Whether the weights may have any number of rows; the kernel does not ask for it. */
static bool any_rows(const kernel_cli *cli) {
  return cli->b_rows && strcmp(cli->b_rows, "any") == 0;
}

static bool read_shape(const kernel_cli *cli, pypto_shape *out) {
  *out = (pypto_shape){.name = cli->name, .dtype = cli->dtype, .chip = cli->target};
  bool ok = read_names(cli, out) && read_extent("m", cli->m, 0, &out->m) &&
            read_extent("k", cli->k, 0, &out->k) && read_extent("n", cli->n, 0, &out->n) &&
            read_extent("lda", cli->lda, out->k, &out->lda) &&
            read_extent("ldb", cli->ldb, out->n, &out->ldb) &&
            read_extent("ldc", cli->ldc, out->ldb, &out->ldc) &&
            read_extent("b-rows", any_rows(cli) ? NULL : cli->b_rows, out->k, &out->b_rows) &&
            read_offset("n-offset", cli->n_offset, out->ldb > out->n, true, &out->n_offset) &&
            read_offset("k-offset", cli->k_offset, any_rows(cli) || out->b_rows > out->k, false,
                        &out->k_offset);
  if (!ok) {
    return false;
  }
  if (out->lda < out->k || out->ldb < out->n || out->ldc < out->n || out->b_rows < out->k) {
    report_usage("a leading dimension is smaller than what is read or written");
    return false;
  }
  return true;
}

/* ---- the three files ---------------------------------------------------- */

typedef struct kernel_job {
  const kernel_cli *cli;
  pypto_signature signature;
  char *pto; /* the lowered kernel */
  size_t pto_length;
} kernel_job;

static void path_of(const kernel_job *job, const char *suffix, char path[PATH_MAX]) {
  snprintf(path, PATH_MAX, "%s/%s%s", job->cli->out_dir, job->signature.name, suffix);
}

static bool write_file(const kernel_job *job, const char *suffix, const char *text, size_t length) {
  char path[PATH_MAX];
  path_of(job, suffix, path);
  output_file file = {.path = path, .text = text, .length = length};
  return output_write(&file, 1);
}

static ptolower_options *make_options(const kernel_cli *cli) {
  ptolower_options *options = ptolower_options_create();
  bool ok =
      options && ptolower_options_set(options, "target", cli->target) == PTOLOWER_OK &&
      ptolower_options_set(options, "file", cli->name) == PTOLOWER_OK &&
      ptolower_options_set(options, "pass-pipeline",
                           "stage-rhs,plan-accumulators,lower-to-pto,emit-pto") == PTOLOWER_OK;
  if (!ok) {
    ptolower_options_destroy(options);
    report_error("out of memory");
  }
  return ok ? options : NULL;
}

static ptolower_status lower_text(kernel_job *job, const char *text, size_t length) {
  ptolower_result *result = NULL;
  ptolower_options *options = make_options(job->cli);
  if (!options) {
    return PTOLOWER_INTERNAL;
  }
  ptolower_status status = ptolower_run(options, text, length, &result);
  ptolower_options_destroy(options);
  if (result) {
    report_diagnostics(stderr, result, false);
  }
  const char *output =
      status == PTOLOWER_OK ? ptolower_result_output(result, &job->pto_length) : "";
  job->pto = strndup(output, job->pto_length);
  if (result) {
    ptolower_result_destroy(result);
  }
  return job->pto ? status : PTOLOWER_INTERNAL;
}

static ptolower_status lower_shape(kernel_job *job) {
  pypto_shape shape;
  size_t length;
  if (!read_shape(job->cli, &shape)) {
    return PTOLOWER_USAGE;
  }
  char *text = pypto_write_input(&shape, &length);
  ptolower_status status = text ? lower_text(job, text, length) : PTOLOWER_INTERNAL;
  free(text);
  return status;
}

static ptolower_status read_lowered(kernel_job *job) {
  file_text text;
  if (!file_read(job->cli->input, &text)) {
    return PTOLOWER_REFUSED;
  }
  job->pto = text.data;
  job->pto_length = text.length;
  return PTOLOWER_OK;
}

/* Runs ptoas on the .pto in the folder; its messages are the user's. */
static bool run_ptoas(const kernel_job *job, const char *ptoas, const char *input,
                      const char *output) {
  int status;
  const char *arch = strcmp(job->cli->target, "a5") == 0 ? "a5" : "a3";
  pid_t pid = fork();
  if (pid == 0) {
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execl(ptoas, ptoas, input, "-o", output, "--enable-insert-sync", "--pto-level=level3",
          "--pto-arch", arch, (char *)NULL);
    _exit(127);
  }
  return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

static ptolower_status write_cpp(const kernel_job *job, const char *ptoas) {
  char input[PATH_MAX], raw[PATH_MAX];
  file_text text = {0};
  size_t length;
  path_of(job, ".pto", input);
  path_of(job, ".ptoas.cpp", raw);
  if (!run_ptoas(job, ptoas, input, raw)) {
    report_error("%s does not compile '%s'", ptoas, input);
    return PTOLOWER_REFUSED;
  }
  bool ok = file_read(raw, &text);
  unlink(raw);
  char *cpp = ok ? pypto_write_cpp(&job->signature, text.data, &length) : NULL;
  if (ok && !cpp) {
    report_error("what ptoas wrote has no function '%s'", job->signature.name);
  }
  ok = cpp && write_file(job, ".cpp", cpp, length);
  free(cpp);
  file_text_free(&text);
  return ok ? PTOLOWER_OK : PTOLOWER_REFUSED;
}

static ptolower_status write_folder(const kernel_job *job, const char *ptoas) {
  size_t length;
  if (mkdir(job->cli->out_dir, 0777) != 0 && errno != EEXIST) {
    report_error("'%s' cannot be made: %s", job->cli->out_dir, strerror(errno));
    return PTOLOWER_REFUSED;
  }
  if (!write_file(job, ".pto", job->pto, job->pto_length)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = *ptoas ? write_cpp(job, ptoas) : PTOLOWER_OK;
  char *stub = pypto_write_stub(&job->signature, job->cli->target, &length);
  if (status == PTOLOWER_OK && (!stub || !write_file(job, ".py", stub, length))) {
    status = PTOLOWER_REFUSED;
  }
  free(stub);
  return status;
}

/* The weights' extents are not in the stub then. */
static void forget_rows(pypto_signature *kernel) {
  for (int i = 0; i < kernel->arg_count; ++i) {
    kernel->args[i].rows *= strncmp(kernel->args[i].name, "w_", 2) != 0;
  }
}

static ptolower_status make_kernel(kernel_job *job) {
  char ptoas[PATH_MAX];
  if (!ptoas_find(job->cli->ptoas, ptoas)) {
    return PTOLOWER_REFUSED;
  }
  if (!*ptoas && !job->cli->ptoas) {
    report_error("no ptoas was found; name one with --ptoas=PATH, or say --ptoas=none to do "
                 "without the C++");
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = job->cli->input ? read_lowered(job) : lower_shape(job);
  if (status != PTOLOWER_OK) {
    return status;
  }
  const char *path = job->cli->input ? job->cli->input : job->cli->name;
  if (!pypto_read_signature(path, job->pto, job->pto_length, &job->signature)) {
    return PTOLOWER_REFUSED;
  }
  if (any_rows(job->cli)) {
    forget_rows(&job->signature);
  }
  return write_folder(job, ptoas);
}

ptolower_status pypto_kernel_main(int argc, char **argv) {
  kernel_cli cli;
  ptolower_status status = read_words(argc, argv, &cli);
  if (status == PTOLOWER_OK && cli.help) {
    return output_print(help) ? PTOLOWER_OK : PTOLOWER_REFUSED;
  }
  if (status == PTOLOWER_OK) {
    status = check_words(&cli);
  }
  if (status != PTOLOWER_OK) {
    return status;
  }
  kernel_job job = {.cli = &cli};
  status = make_kernel(&job);
  free(job.pto);
  return status;
}
