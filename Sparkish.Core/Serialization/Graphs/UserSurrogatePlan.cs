using Sparkish.Diagnostics;

namespace Sparkish.Serialization.Graphs;

/// <summary>Objects that are sent as the state that a user's surrogate returns, with the surrogate's name.</summary>
internal sealed class UserSurrogatePlan(Surrogate surrogate, Type type) : ObjectPlan(type)
{
    public override NodeTag Tag => NodeTag.Surrogate;

    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value)
    {
        object state;
        try
        {
            state = surrogate.ToStateObject(value);
        }
        catch (Exception e)
        {
            throw writer.Refuse($"{surrogate.GetType()} failed: {ExceptionText.MessageOf(e).TrimEnd('.')}", cause: e);
        }

        writer.Types.Write(writer.Output, surrogate.GetType());
        writer.Write(state);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => throw new SerializationException($"{Type} is not allowed at this position.");

    public static object ReadAny(ObjectReader reader, ref ByteReader input, ExpectedRoot? expected = null)
    {
        var type = reader.Types.Read(ref input).Type;
        var target = SurrogateTable.Check(type, reader.Admission);
        expected?.CheckSurrogate(type, target);
        if (reader.IsDataOnly) throw new SerializationException($"{target} needs code of the application to be created: {type}.");
        var surrogate = SurrogateTable.InstanceOf(type);
        var state = reader.Read(ref input);
        try
        {
            return surrogate.FromStateObject(state);
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"{surrogate.GetType()} failed: {ExceptionText.MessageOf(e)}", e);
        }
    }
}
