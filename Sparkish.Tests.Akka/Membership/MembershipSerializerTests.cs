using Akka.Actor;
using Sparkish.Akka.Membership;
using Sparkish.Membership;
using Sparkish.Rpc;
using SurvivedException = System.Runtime.Serialization.SerializationException; // Akka.Remote goes on after this one alone

namespace Sparkish.Tests.Akka.Membership;

/// <summary>What membership actors say to each other arrives as it was, or not at all.</summary>
internal sealed class MembershipSerializerTests
{
    private static readonly Introduction Full = new(7, 8, Asks: true, new Member(new RpcAddress("h\u00f6st", 7077), 9, "name", ["a", ""],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["cores"] = "4", [""] = "\ud83d\ude00" }));

    private ActorSystem _system = null!;
    private MembershipSerializer _serializer = null!;

    [OneTimeSetUp]
    public void StartSystem()
    {
        _system = ActorSystem.Create("serializer", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        _serializer = new MembershipSerializer((ExtendedActorSystem)_system);
    }

    [OneTimeTearDown]
    public void EndSystem() => _system.Dispose();

    [Test]
    public void Messages_arrive_as_they_were()
    {
        var read = (Introduction)Read(Full);

        Assert.That((read.Uid, read.Sequence, read.Asks, read.Member), Is.EqualTo((7, 8L, true, Full.Member)));
        Assert.That((read.Member.Name, read.Member.Roles, read.Member.Metadata), Is.EqualTo((Full.Member.Name, Full.Member.Roles, Full.Member.Metadata)));
        Assert.That(Read(new Farewell(-1, long.MaxValue)), Is.EqualTo(new Farewell(-1, long.MaxValue)));
        Assert.That(Read(new Confirmation(1, -1)), Is.EqualTo(new Confirmation(1, -1)));
    }

    [Test]
    public void Every_cut_and_every_damage_of_a_length_is_refused_or_read_as_another_message()
    {
        var bytes = _serializer.ToBinary(Full);

        for (var length = 0; length < bytes.Length; length++)
            Assert.That(() => _serializer.FromBinary(bytes[..length], "I"), Throws.InstanceOf<SurvivedException>(), $"{length} bytes");
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] = 0xff;
            try
            {
                Assert.That(_serializer.FromBinary(damaged, "I"), Is.InstanceOf<Introduction>());
            }
            catch (SurvivedException)
            {
                // It is no message.
            }
        }
    }

    [TestCase("X")]
    [TestCase("F")]
    [TestCase("")]
    public void Another_manifest_is_refused(string manifest) =>
        Assert.That(() => _serializer.FromBinary(_serializer.ToBinary(Full), manifest), Throws.InstanceOf<SurvivedException>());

    private object Read(object message) => _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message));
}
