using Sparkish.Serialization;

namespace Sparkish.Rpc;

/// <summary>Writes a ref as host, port, name and incarnation, and reads it as a ref of the env it arrives on; null is an absent host.</summary>
internal sealed class RpcEndpointRefCodec : Codec<RpcEndpointRef>
{
    private const int MaxPort = 65535;

    public override void Write(ByteWriter writer, in RpcEndpointRef value)
    {
        if (value is null)
        {
            writer.WriteString(null);
            return;
        }

        writer.WriteString(value.Address.Host);
        writer.WriteCount(value.Address.Port);
        writer.WriteString(value.Name);
        writer.WriteUnmanaged(value.Incarnation);
    }

    public override RpcEndpointRef Read(ref ByteReader reader)
    {
        var host = reader.ReadString();
        if (host is null) return null!;
        if (host.Length > EndpointNames.MaxHostChars || EndpointNames.HasControls(host))
            throw new SerializationException($"A ref has a host of more than {EndpointNames.MaxHostChars} characters, or with control characters.");
        var address = new RpcAddress(host, reader.ReadCount(0));
        if (address.Port > MaxPort) throw new SerializationException($"A ref to an endpoint at {address} has no valid port.");
        var name = reader.ReadString() ?? throw new SerializationException($"A ref to an endpoint at {address} has no name.");
        if (name.Length > EndpointNames.MaxChars || EndpointNames.HasControls(name))
            throw new SerializationException($"A ref to an endpoint at {address} has a name of more than {EndpointNames.MaxChars} characters, or with control characters.");
        var incarnation = reader.ReadUnmanaged<long>();
        if (reader.Context is not RpcSerializationContext context)
            throw new SerializationException($"The ref {new RpcEndpointAddress(address, name)} can only be read on an RpcEnv; pass its SerializationContext.");
        return context.Env.RefTo(new RpcEndpointAddress(address, name), incarnation);
    }
}
