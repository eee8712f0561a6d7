using Akka.Actor;

namespace Sparkish.Examples.Akka;

/// <summary>An actor of the application. It starts a word count, sends the result to an endpoint, and waits for the endpoint's end.</summary>
internal sealed class Librarian : ReceiveActor
{
    private readonly IActorRef _ledger;
    private IActorRef _asker = ActorRefs.Nobody;
    private int _status;

    public Librarian(IActorRef ledger)
    {
        _ledger = ledger;
        Context.Watch(ledger); // an endpoint is watched like any actor
        Receive<CountWords>(OnCountWords);
        Receive<WordsCounted>(OnWordsCounted);
        Receive<Status.Failure>(OnFailure);
        Receive<Terminated>(OnTerminated);
    }

    private void OnCountWords(CountWords message)
    {
        _asker = Sender;
        _ = Task.Run(() => Count(message)).PipeTo(Self);
    }

    private void OnWordsCounted(WordsCounted message)
    {
        foreach (var (word, count) in message.Top) _ledger.Tell(new Entry(word, count));
        _ledger.Tell(new Close());
    }

    private void OnFailure(Status.Failure message)
    {
        Console.Error.WriteLine($"akka: {message.Cause.Message}");
        _status = 1;
        _ledger.Tell(new Close());
    }

    private void OnTerminated(Terminated message)
    {
        Console.WriteLine("The ledger is closed.");
        _asker.Tell(_status);
    }

    /// <summary>The job of the other examples; one setting makes its driver, workers and executors actors.</summary>
    private static async Task<WordsCounted> Count(CountWords job)
    {
        var conf = new SparkConf().SetAppName("akka").SetMaster(job.Master).Set("spark.rpc.factory", "akka");
        await using var sc = new SparkContext(conf);
        var top = sc.TextFile(job.File)
            .FlatMap(line => line.Split(' '))
            .Filter(word => word.Length > 0)
            .Map(word => (word, 1L))
            .ReduceByKey((a, b) => a + b)
            .SortBy(count => (-count.Value, count.Key))
            .Take(10);
        return new WordsCounted([.. top.Select(count => (count.Key, count.Value))]);
    }
}
