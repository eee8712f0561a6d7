using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Simulation;

namespace Sparkish.Tests.Membership;

/// <summary>Which provider <c>spark.membership.provider</c> chooses.</summary>
internal sealed class MembershipProviderTests
{
    private const string Key = "spark.membership.provider";

    [Test]
    public void The_key_chooses_the_provider_of_a_membership()
    {
        var conf = new SparkConf(false).Set(Key, $"{typeof(Counting).FullName}, {typeof(Counting).Assembly.GetName().Name}");
        var cluster = new SimulatedCluster(1, SimulatedGroup.Options with { Conf = conf });
        ClusterMembership? membership = null;
        Counting.Joined.Clear();

        cluster.AddNode("n", (RpcEnv env) => membership = ClusterMembership.Join(env));

        Assert.That(Counting.Joined, Is.EqualTo(new[] { membership!.Current.Self }));
    }

    [TestCase("swim")]
    [TestCase(" SWIM ")]
    public void Swim_is_the_default_and_has_a_short_name(string name)
    {
        Assert.That(MembershipProviders.From(new SparkConf(false)), Is.InstanceOf<SwimMembershipProvider>());
        Assert.That(MembershipProviders.From(new SparkConf(false).Set(Key, name)), Is.InstanceOf<SwimMembershipProvider>());
    }

    [TestCase("raft", "is 'raft', but it is neither 'swim' nor 'akka' nor a type: write a type as 'Namespace.Type, Assembly' or 'Namespace.Type, /path/to/Assembly.dll'.")]
    [TestCase("A.B, No.Such", "assembly No.Such cannot be loaded: it is not part of the program")]
    [TestCase("A.B, /no/such.dll", "assembly /no/such.dll cannot be loaded: put it and what it needs beside the program on every node")]
    [TestCase("A.B, Sparkish.Tests", "assembly Sparkish.Tests has no type A.B: check the name, which includes the namespace.")]
    [TestCase("System.Object, System.Private.CoreLib", "System.Object does not derive from or implement IMembershipProvider: name a type that does.")]
    [TestCase("Sparkish.Tests.Membership.MembershipProviderTests, Sparkish.Tests",
        "MembershipProviderTests is not public: make it and the types around it public.")]
    [TestCase("Sparkish.Membership.IMembershipProvider, Sparkish.Core", "cannot be instantiated: name a class that is neither abstract nor generic.")]
    [TestCase("Sparkish.Tests.Membership.NeedsSomething, Sparkish.Tests", "has no public constructor without parameters: add one.")]
    [TestCase("Sparkish.Tests.Membership.FailsToStart, Sparkish.Tests", "failed: no licence.")]
    public void A_value_that_leads_to_no_provider_says_why(string value, string reason) =>
        Assert.That(() => MembershipProviders.From(new SparkConf(false).Set(Key, value)), Throws.TypeOf<SparkException>()
            .With.Message.StartsWith($"{Key} is '{value}', but ").And.Message.Contains(reason));

    [Test]
    public void An_env_whose_provider_cannot_join_is_not_a_member_and_can_join_by_another()
    {
        var cluster = new SimulatedCluster(1, SimulatedGroup.Options);
        RpcEnv? env = null;
        cluster.AddNode("n", (RpcEnv made) => env = made);

        Assert.That(() => ClusterMembership.Join(env!, new Refusing()), Throws.TypeOf<SparkException>().With.Message.EqualTo("no group today"));
        var membership = ClusterMembership.Join(env!, new StaticMembership());

        Assert.That(membership.Current.Members, Is.EqualTo(new[] { membership.Current.Self }));
    }

    [Test]
    public void Waiting_to_have_joined_ends_with_the_env_whatever_the_provider_does()
    {
        var cluster = new SimulatedCluster(1, SimulatedGroup.Options);
        RpcEnv? env = null;
        cluster.AddNode("n", (RpcEnv made) => env = made);
        var joined = ClusterMembership.Join(env!, new StaticMembership()).JoinedAsync();

        cluster.Run(() => env!.DisposeAsync().AsTask());

        Assert.That(joined.Exception?.InnerException, Is.TypeOf<SparkException>()
            .With.Message.EqualTo("RpcEnv 'n' left the group before another node answered."));
    }

    [Test]
    public void A_provider_that_gives_up_ends_the_membership()
    {
        var cluster = new SimulatedCluster(1, SimulatedGroup.Options);
        RpcEnv? env = null;
        cluster.AddNode("n", (RpcEnv made) => env = made);
        var provider = new Counting();
        var membership = ClusterMembership.Join(env!, provider);

        provider.Observer!.OnEnded();
        cluster.RunFor(TimeSpan.FromSeconds(1));

        Assert.That(membership.JoinedAsync().IsFaulted);
        Assert.That(membership.Current.Members, Is.Empty);
        Assert.That(() => ClusterMembership.Join(env!, new StaticMembership()), Throws.Nothing, "it may join again");
    }

    private sealed class Refusing : IMembershipProvider
    {
        public IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer) =>
            throw new SparkException("no group today");
    }
}

/// <summary>Remembers who joined.</summary>
public sealed class Counting : IMembershipProvider
{
    internal static List<Member> Joined { get; } = [];

    internal IMembershipObserver? Observer { get; private set; }

    public IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer)
    {
        Joined.Add(self);
        Observer = observer;
        return new StaticMembership().Join(env, self, seeds, observer);
    }
}

/// <summary>Has no constructor without parameters.</summary>
public sealed class NeedsSomething(int number) : IMembershipProvider
{
    public IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer) =>
        throw new InvalidOperationException($"{number}");
}

/// <summary>Its constructor fails.</summary>
public sealed class FailsToStart : IMembershipProvider
{
    public FailsToStart() => throw new InvalidOperationException("no licence");

    public IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer) =>
        throw new InvalidOperationException("never made");
}
