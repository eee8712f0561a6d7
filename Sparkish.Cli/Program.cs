using Sparkish.Cli;

// Executors and drivers are started in numbers and often: nothing of the command line's machinery is loaded for them.
return args switch
{
    [ExecutorProgram.Name, ..] => await ExecutorProgram.RunAsync(args[1..]),
    [DriverWrapper.Name, ..] => await DriverWrapper.RunAsync(),
    _ => await SparkishCommand.RunAsync(args),
};
