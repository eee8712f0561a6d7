using System.Collections.Concurrent;
using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc.Local;

/// <summary>
/// Asks are objects that are used again. Whatever happens to some of them — no answer in time, an asker that leaves, two answers, an answer much later,
/// an endpoint that stops — each other one must have its own answer.
/// </summary>
internal sealed class AskStressTests
{
    private const int Askers = 4;
    private const int AsksEach = 4000;
    private const int Kinds = 8;

    [TestCase(false, false)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(true, true)]
    public async Task Each_ask_gets_its_own_answer_or_none(bool isRemote, bool isConcurrent)
    {
        var server = Envs.New("server");
        await using var client = isRemote ? Envs.New("client") : server;
        await using var owned = server;
        var late = new ConcurrentQueue<(RpcCallContext Call, int Number)>();
        var answers = new Answers(late);
        var there = server.SetupEndpoint("e", isConcurrent ? new Concurrent(answers) : new OneByOne(answers)).From(client);

        var counts = await Task.WhenAll(Enumerable.Range(0, Askers).Select(asker => Task.Run(() => AskAllAsync(there, asker))))
            .WaitAsync(TimeSpan.FromMinutes(2));
        AnswerLate(late, all: true);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.SecondAnswersTaken, Is.Zero, "a second answer is refused");
            Assert.That(counts.Sum(count => count.Answered), Is.GreaterThan(Askers * AsksEach / 3));
            Assert.That(counts.Sum(count => count.GivenUp), Is.Positive);
            Assert.That(await there.AskAsync<int>(0).AsTask().WaitAsync(Envs.Patience), Is.Zero);
        }
    }

    [Test]
    public async Task Every_ask_of_an_endpoint_that_stops_has_an_outcome()
    {
        await using var env = Envs.New();
        for (var round = 0; round < 500; round++)
        {
            var self = env.SetupEndpoint($"e{round}", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
            var asking = Enumerable.Range(0, 3)
                .Select(asker => Task.Run(() => Enumerable.Range(0, 50).Select(i => self.AskAsync<int>((asker * 50) + i).AsTask()).ToList())).ToList();
            env.Stop(self);

            var asks = (await Task.WhenAll(asking)).SelectMany(each => each).ToList();
            for (var i = 0; i < asks.Count; i++)
            {
                try
                {
                    Assert.That(await asks[i].WaitAsync(Envs.Patience), Is.EqualTo(i));
                }
                catch (EndpointNotFoundException e)
                {
                    Assert.That(e.Endpoint.Name, Is.EqualTo(self.Name));
                }
            }
        }
    }

    private static async Task<(int Answered, int GivenUp)> AskAllAsync(RpcEndpointRef there, int asker)
    {
        var random = new Random(asker);
        var (answered, givenUp) = (0, 0);
        for (var i = 0; i < AsksEach; i++)
        {
            var number = (((asker * AsksEach) + i) * Kinds) + random.Next(Kinds);
            try
            {
                var answer = await AskAsync(there, number);
                if (answer != number) throw new AssertionException($"{number} was answered by {answer}.");
                answered++;
            }
            catch (Exception e) when (IsExpected(number, e))
            {
                givenUp++;
            }
        }

        return (answered, givenUp);
    }

    private static async Task<int> AskAsync(RpcEndpointRef there, int number)
    {
        switch (number % Kinds)
        {
            case 1: return await there.AskAsync<int>(number, TimeSpan.FromMilliseconds(1));
            case 2 or 3:
                using (var leave = new CancellationTokenSource())
                {
                    var ask = there.AskAsync<int>(number, cancellationToken: leave.Token).AsTask();
                    await leave.CancelAsync();
                    return await ask;
                }

            case 4: return await there.AskAsync<int>(number, TimeSpan.FromMilliseconds(1));
            default: return await there.AskAsync<int>(number);
        }
    }

    private static bool IsExpected(int number, Exception error) => (number % Kinds) switch
    {
        1 or 4 => error is RpcTimeoutException,
        2 or 3 => error is OperationCanceledException,
        6 => error is InvalidOperationException or RpcRemoteException && error.Message == $"{number} failed",
        _ => false,
    };

    private static void AnswerLate(ConcurrentQueue<(RpcCallContext Call, int Number)> late, bool all)
    {
        while ((all || late.Count > 20) && late.TryDequeue(out var entry)) entry.Call.Reply(entry.Number);
    }

    /// <summary>What the endpoint does with a question: the last digit says it.</summary>
    private sealed class Answers(ConcurrentQueue<(RpcCallContext Call, int Number)> late)
    {
        private int _secondAnswersTaken;

        public int SecondAnswersTaken => Volatile.Read(ref _secondAnswersTaken);

        public void Answer(object message, RpcCallContext call)
        {
            var number = (int)message;
            switch (number % Kinds)
            {
                case 3 or 4: // after twenty others: its asker has left by then, or does so just now
                    late.Enqueue((call, number));
                    AnswerLate(late, all: false);
                    break;
                case 5: // twice
                    call.Reply(number);
                    AnswerAgain(call);
                    break;
                case 6: throw new InvalidOperationException($"{number} failed");
                case 7: // from another thread
                    _ = Task.Run(() => call.Reply(number));
                    break;
                default: call.Reply(number); break;
            }
        }

        private void AnswerAgain(RpcCallContext call)
        {
            try
            {
                call.Reply(-1);
                Interlocked.Increment(ref _secondAnswersTaken);
            }
            catch (InvalidOperationException)
            {
                // As it should be.
            }
        }
    }

    private sealed class OneByOne(Answers answers) : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call) => answers.Answer(message, call);

        public override ErrorDirective OnError(Exception error) => ErrorDirective.Resume;
    }

    private sealed class Concurrent(Answers answers) : ConcurrentRpcEndpoint
    {
        public override int MaxConcurrency => 4;

        public override void ReceiveAndReply(object message, RpcCallContext call) => answers.Answer(message, call);

        public override ErrorDirective OnError(Exception error) => ErrorDirective.Resume;
    }
}
