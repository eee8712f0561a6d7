using System.CommandLine;
using Sparkish.Examples;

var examples = new RootCommand("Small programs that show how to use Sparkish. The source of each is one file.")
{
    WordCount.Command(),
    Boom.Command(),
    MyMasterAndWorker.MasterCommand(),
    MyMasterAndWorker.WorkerCommand(),
    DurableCounter.Command(),
};

return await examples.Parse(args).InvokeAsync();
