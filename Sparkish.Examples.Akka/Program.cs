using System.CommandLine;
using Akka.Actor;
using Sparkish;
using Sparkish.Akka;
using Sparkish.Examples.Akka;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

// An Akka.NET application that runs Sparkish: an actor starts a word count and watches an endpoint.
var file = new Argument<string>("FILE")
{
    Description = "The text: a file, a directory or a pattern. By default the book that comes with the examples.",
    DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "data", "devils-dictionary.txt"),
};
var master = new Option<string>("--master")
{
    Description = "The master: local[N], local-cluster[WORKERS,CORES,MIB] or spark://HOST:PORT.",
    HelpName = "URL",
    DefaultValueFactory = _ => "local-cluster[2,1,1024]",
};
var command = new RootCommand("Counts the words of a text, started by an actor of an Akka.NET application.") { file, master };
command.SetAction((args, _) => RunAsync(args.GetRequiredValue(file), args.GetRequiredValue(master)));
return await command.Parse(args).InvokeAsync();

static async Task<int> RunAsync(string file, string master)
{
    using var system = ActorSystem.Create("library", """
        akka {
          loglevel = WARNING
          actor.provider = remote
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        }
        """);
    await using var env = AkkaRpcEnv.Over(system, new RpcEnvOptions("library", new SparkConf(), new MessageRegistry()));
    var ledger = env.ToActorRef(env.SetupEndpoint("ledger", new Ledger()));
    var librarian = system.ActorOf(Props.Create(() => new Librarian(ledger)), "librarian");
    return await librarian.Ask<int>(new CountWords(file, master), Timeout.InfiniteTimeSpan);
}
