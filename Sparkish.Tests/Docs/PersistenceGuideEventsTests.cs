#pragma warning disable MA0048 // the code of one page
using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Persistence.Files;
using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Docs;

// <snippet persistence-events>
public abstract record AccountEvent;

public sealed record Deposited(decimal Amount) : AccountEvent;

public sealed record Withdrawn(decimal Amount, string Purpose) : AccountEvent;
// </snippet>

// <snippet persistence-commands>
public sealed record Deposit(decimal Amount); // ask; the reply is the new balance

public sealed record Withdraw(decimal Amount, string Purpose); // ask; the reply is the new balance, or an error

public sealed record GetBalance; // ask; the reply is the balance

public sealed record CloseAccount; // ask; the reply is the last balance
// </snippet>

// <snippet persistence-endpoint>
public sealed class Account(IJournalStore store, RpcEndpointRef audit)
    : EventSourcedEndpoint<decimal, AccountEvent>(new(store, "account", Events) { SnapshotEvery = 500 })
{
    public static readonly EventSchema<AccountEvent> Events = new EventSchema<AccountEvent>().Add<Deposited>(1).Add<Withdrawn>(2);

    protected override decimal InitialState => 0;

    protected override decimal Apply(decimal balance, AccountEvent @event) => @event switch
    {
        Deposited e => balance + e.Amount,
        Withdrawn e => balance - e.Amount,
        _ => balance,
    };

    protected override Effect<decimal, AccountEvent> HandleAndReply(decimal balance, object command, RpcCallContext call) => command switch
    {
        Deposit c => Persist(new Deposited(c.Amount)).ThenReply(call, after => after),
        Withdraw c when c.Amount > balance => throw new InvalidOperationException($"{c.Amount} is more than the balance, {balance}."),
        Withdraw c => Persist(new Withdrawn(c.Amount, c.Purpose)).Then(_ => audit.Send(c)).ThenReply(call, after => after),
        GetBalance => None.ThenReply(call, now => now),
        CloseAccount => None.ThenReply(call, last => last).ThenStop(),
        _ => base.HandleAndReply(balance, command, call),
    };

    protected override void OnRecovered(decimal balance) => Watch(audit);

    protected override Effect<decimal, AccountEvent> Handle(decimal balance, object command) => command switch
    {
        EndpointTerminated => None.ThenStop(), // the audit is gone
        _ => base.Handle(balance, command),
    };
}
// </snippet>

/// <summary>The code of docs/persistence.md about event-sourced endpoints.</summary>
internal sealed class PersistenceGuideEventsTests
{
    [Test]
    public async Task An_account_knows_its_balance_after_a_restart()
    {
        using var temporary = new TemporaryDirectory();
        var directory = temporary.Path;
        var balances = new List<decimal>();
        for (var start = 0; start < 2; start++)
        {
            // <snippet persistence-start>
            await using var store = new FileJournalStore(directory);
            await using var env = RpcEnv.Create(new RpcEnvOptions("bank", new SparkConf(), new MessageRegistry()) { Listen = false });
            var audit = env.SetupEndpoint("audit", new ProbeEndpoint());
            var account = env.SetupEndpoint("account", () => new Account(store, audit));
            var balance = await account.AskAsync<decimal>(new Deposit(100)); // the deposit is now on disk
            // </snippet>
            balances.Add(balance);
            balances.Add(await account.AskAsync<decimal>(new Withdraw(30, "rent")));
            Assert.That(async () => await account.AskAsync<decimal>(new Withdraw(1_000, "yacht")), Throws.InvalidOperationException);
        }

        Assert.That(balances, Is.EqualTo(new[] { 100m, 70m, 170m, 140m }));
    }

    [Test]
    public async Task An_account_that_is_closed_answers_first()
    {
        using var temporary = new TemporaryDirectory();
        await using var store = new FileJournalStore(temporary.Path);
        await using var env = RpcEnv.Create(new RpcEnvOptions("bank", new SparkConf(false), new MessageRegistry()) { Listen = false });
        var account = env.SetupEndpoint("account", new Account(store, env.SetupEndpoint("audit", new ProbeEndpoint())));
        await account.AskAsync<decimal>(new Deposit(5));

        var last = await account.AskAsync<decimal>(new CloseAccount());

        Assert.That(last, Is.EqualTo(5m));
        Assert.That(async () => await account.AskAsync<decimal>(new GetBalance()), Throws.TypeOf<EndpointNotFoundException>());
    }

    [Test]
    public async Task Events_of_an_earlier_version_are_read()
    {
        using var temporary = new TemporaryDirectory();
        await using var store = new FileJournalStore(temporary.Path);
        await using (var env = RpcEnv.Create(new RpcEnvOptions("bank", new SparkConf(false), new MessageRegistry()) { Listen = false }))
        {
            var account = env.SetupEndpoint("account", new Account(store, env.SetupEndpoint("audit", new ProbeEndpoint())));
            await account.AskAsync<decimal>(new Deposit(5));
        }

        // <snippet persistence-versions>
        var events = new EventSchema<object>().Add<Later.PaidIn>(1).Retire(2).Add<Later.Renamed>(3);
        // </snippet>
        await using var later = RpcEnv.Create(new RpcEnvOptions("bank", new SparkConf(false), new MessageRegistry()) { Listen = false });
        var teller = later.SetupEndpoint("account", new Later.Teller(new(store, "account", events)));

        Assert.That(await teller.AskAsync<string>("first"), Is.EqualTo("PaidIn { Money = 5, Currency = EUR }"));
    }

    [Test]
    public void An_account_survives_crashes_in_simulation()
    {
        // <snippet persistence-simulation>
        var cluster = new Sparkish.Simulation.SimulatedCluster(seed: 1);
        var bank = cluster.AddNode("bank", (Sparkish.Simulation.SimulatedNode node) =>
        {
            var env = node.EnvFactory.Create(new RpcEnvOptions("bank", new SparkConf(), new MessageRegistry()));
            var audit = env.SetupEndpoint("audit", new ProbeEndpoint());
            env.SetupEndpoint("account", new Account(node.Journals, audit)); // journals on the node's simulated disk
        });
        cluster.Run(async () => await bank.Env.RefTo(new RpcEndpointAddress(bank.Env.Address, "account")).AskAsync<decimal>(new Deposit(100)));
        bank.LoseMachine();
        bank.Start();
        var balance = cluster.Run(() => bank.Env.RefTo(new RpcEndpointAddress(bank.Env.Address, "account")).AskAsync<decimal>(new GetBalance()).AsTask());
        // </snippet>

        Assert.That(balance, Is.EqualTo(100m));
    }
}

/// <summary>The same journal, years later.</summary>
public static class Later
{
    // <snippet persistence-later>
    public sealed record PaidIn([property: FormerName("Amount")] decimal Money, string Currency = "EUR");

    public sealed record Renamed(string Owner);
    // </snippet>

    internal sealed class Teller(EventSourcingOptions<object> options) : EventSourcedEndpoint<string, object>(options)
    {
        protected override string InitialState => "";

        protected override string Apply(string state, object @event) => state.Length == 0 ? @event.ToString()! : state;

        protected override Effect<string, object> HandleAndReply(string state, object command, RpcCallContext call) => None.ThenReply(call, first => first);
    }
}
