#pragma warning disable MA0048 // what an attacker looks for belongs together
#pragma warning disable SYSLIB0050 // the platform's old serialization must never be called
using System.Runtime.Serialization;

namespace Sparkish.Tests.Serialization;

/// <summary>As an object data provider: to set a property is to act.</summary>
public class Launcher
{
    private string? _command;

    public static int Launches { get; private set; }

    public string? Command
    {
        get => _command;
        set
        {
            _command = value;
            Launches++;
        }
    }
}

/// <summary>Has all that old serializers call.</summary>
[Serializable]
public class Callbacks : ISerializable, IObjectReference, IDeserializationCallback
{
    private string _name = "name";

    public Callbacks() { }

    protected Callbacks(SerializationInfo info, StreamingContext context) => Calls++;

    public static int Calls { get; set; }

    public string Name { get => _name; init => _name = value; }

    public void GetObjectData(SerializationInfo info, StreamingContext context) => Calls++;

    public object GetRealObject(StreamingContext context)
    {
        Calls++;
        return "other";
    }

    public void OnDeserialization(object? sender) => Calls++;

    [OnSerializing]
    private void Serializing(StreamingContext context) => Calls++;

    [OnDeserializing]
    private void Deserializing(StreamingContext context) => Calls++;

    [OnDeserialized]
    private void Deserialized(StreamingContext context) => Calls++;
}

public sealed class EvilException : Exception
{
    public override string Message => throw new InvalidOperationException("no message");

    public override string StackTrace => throw new InvalidOperationException("no stack");

    public override System.Collections.IDictionary Data => throw new InvalidOperationException("no data");

    public override string ToString() => throw new InvalidOperationException("no text");
}
