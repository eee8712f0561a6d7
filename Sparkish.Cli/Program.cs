using Sparkish.Cli;

// Executors are started in numbers and often: nothing of the command line's machinery is loaded for them.
return args is [ExecutorProgram.Name, ..]
    ? await ExecutorProgram.RunAsync(args[1..])
    : await SparkishCommand.RunAsync(args);
