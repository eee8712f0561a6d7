using System.CommandLine;
using Sparkish.Examples;

var examples = new RootCommand("Small programs that show how Sparkish is used. Each is one file to read.")
{
    WordCount.Command(),
    Boom.Command(),
    MyMasterAndWorker.MasterCommand(),
    MyMasterAndWorker.WorkerCommand(),
    DurableCounter.Command(),
};

return await examples.Parse(args).InvokeAsync();
