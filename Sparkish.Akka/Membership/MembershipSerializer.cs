using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Sparkish.Membership;
using Sparkish.Rpc;
using SurvivedException = System.Runtime.Serialization.SerializationException; // Akka.Remote ends an association for any other one

namespace Sparkish.Akka.Membership;

/// <summary>Carries what membership actors say to each other. What it reads has the right form; <see cref="MembershipActor"/> judges the content.</summary>
internal sealed class MembershipSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Its name in the settings of an actor system.</summary>
    public const string Name = "sparkish-membership";

    private const string IntroductionManifest = "I";
    private const string FarewellManifest = "F";
    private const string ConfirmationManifest = "C";
    private const int MostItems = 4096;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override int Identifier => 0x5350_4B02;

    /// <summary>Makes it known to an actor system of others.</summary>
    public static void AddTo(ExtendedActorSystem system)
    {
        if (system.Serialization.FindSerializerForType(typeof(MembershipMessage)) is MembershipSerializer) return;
        var assembly = typeof(MembershipSerializer).Assembly.GetName().Name;
        system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString($$"""
            akka.actor {
              serializers.{{Name}} = "{{typeof(MembershipSerializer).FullName}}, {{assembly}}"
              serialization-bindings."{{typeof(MembershipMessage).FullName}}, {{assembly}}" = {{Name}}
            }
            """));
    }

    public override string Manifest(object o) => o switch
    {
        Introduction => IntroductionManifest,
        Farewell => FarewellManifest,
        Confirmation => ConfirmationManifest,
        _ => throw new SurvivedException($"{o?.GetType()} is not a message of membership."),
    };

    public override byte[] ToBinary(object obj)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Utf8);
        var message = (MembershipMessage)obj;
        writer.Write(message.Uid);
        writer.Write(message.Sequence);
        if (message is Introduction introduction) Write(writer, introduction);
        writer.Flush();
        return bytes.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, writable: false), Utf8);
            var (uid, sequence) = (reader.ReadInt32(), reader.ReadInt64());
            MembershipMessage message = manifest switch
            {
                IntroductionManifest => ReadIntroduction(reader, uid, sequence),
                FarewellManifest => new Farewell(uid, sequence),
                ConfirmationManifest => new Confirmation(uid, sequence),
                _ => throw new FormatException($"there is no message '{manifest}'"),
            };
            return reader.BaseStream.Position == bytes.Length ? message : throw new FormatException("bytes follow its end");
        }
        catch (Exception error) when (error is IOException or FormatException or ArgumentException)
        {
            throw new SurvivedException($"{bytes?.Length} bytes are not a message of membership: {error.Message}", error);
        }
    }

    private static void Write(BinaryWriter writer, Introduction message)
    {
        var member = message.Member;
        writer.Write(message.Asks);
        writer.Write(member.Address.Host);
        writer.Write(member.Address.Port);
        writer.Write(member.Uid);
        writer.Write(member.Name);
        writer.Write(member.Roles.Count);
        foreach (var role in member.Roles) writer.Write(role);
        writer.Write(member.Metadata.Count);
        foreach (var (key, value) in member.Metadata)
        {
            writer.Write(key);
            writer.Write(value);
        }
    }

    private static Introduction ReadIntroduction(BinaryReader reader, int uid, long sequence)
    {
        var asks = reader.ReadBoolean();
        var address = new RpcAddress(reader.ReadString(), reader.ReadInt32());
        var (incarnation, name) = (reader.ReadInt64(), reader.ReadString());
        var roles = new List<string>();
        for (var left = ReadCount(reader); left > 0; left--) roles.Add(reader.ReadString());
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var left = ReadCount(reader); left > 0; left--) metadata[reader.ReadString()] = reader.ReadString();
        return new Introduction(uid, sequence, asks, new Member(address, incarnation, name, roles, metadata));
    }

    private static int ReadCount(BinaryReader reader)
    {
        var count = reader.ReadInt32();
        return count is >= 0 and <= MostItems ? count : throw new FormatException($"a list has {count} items");
    }
}
