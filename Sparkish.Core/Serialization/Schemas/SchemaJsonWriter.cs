using System.Text.Json;
using Sparkish.Serialization.Rows.Records;

namespace Sparkish.Serialization.Schemas;

/// <summary>
/// Writes a value as JSON by its schema, without any .NET type. Enums are numbers, since schemas do not have their names; maps are objects if their keys have a
/// text, else arrays of key and value. Everything after a part that only the application's types can read is omitted.
/// </summary>
internal ref struct SchemaJsonWriter
{
    private readonly Utf8JsonWriter _json;
    private SchemaInput _input;
    private bool _isCutOff;

    private SchemaJsonWriter(SchemaInput input, Utf8JsonWriter json)
    {
        _input = input;
        _json = json;
    }

    /// <summary>Writes one value, which takes all of the input.</summary>
    /// <exception cref="SerializationException">The bytes do not match the schema; the output so far is incomplete.</exception>
    public static void Write(SchemaNode schema, ReadOnlySpan<byte> bytes, Utf8JsonWriter json)
    {
        var writer = new SchemaJsonWriter(new SchemaInput(bytes, context: null), json);
        writer.Value(schema);
        if (!writer._isCutOff && writer._input.Remaining > 0) throw new SerializationException($"{writer._input.Remaining} bytes remain after the value.");
    }

    private void Value(SchemaNode schema)
    {
        switch (schema)
        {
            case FixedNode node: FixedJson.Write(_json, node.Kind, _input.Take(node.Size)); break;
            case EnumNode node: FixedJson.Write(_json, node.Underlying.Kind, _input.Take(node.Underlying.Size)); break;
            case TextNode: Text(_input.ReadString()); break;
            case NullableNode node: Optional(node.Value); break;
            case SurrogateNode node: Surrogate(node); break;
            case EndpointRefNode: EndpointRef(); break;
            case RecordNode node: Record(node); break;
            case UnionNode node: Union(node); break;
            case SequenceNode node: Sequence(node); break;
            case RankNode node: Rank(node); break;
            default: CutOff(schema); break;
        }
    }

    private readonly void Text(string? text)
    {
        if (text is null) _json.WriteNullValue();
        else JsonText.Write(_json, text);
    }

    private void Optional(SchemaNode value)
    {
        if (_input.ReadPresence()) Value(value);
        else _json.WriteNullValue();
    }

    private void Surrogate(SurrogateNode node)
    {
        if (!_input.ReadPresence()) _json.WriteNullValue();
        else if (node.State is TextNode) Text(_input.ReadString());
        else FixedJson.WriteBigInteger(_json, _input.Take(Math.Max(0, _input.ReadNullableCount())));
    }

    private void EndpointRef()
    {
        if (EndpointRefNode.Read(ref _input) is var (host, port, name)) Text($"spark://{name}@{host}:{port}");
        else _json.WriteNullValue();
    }

    private void Record(RecordNode record)
    {
        if (record.IsOpen && _input.Remaining > 0 && _input.PeekByte() == RecordTag.Derived)
        {
            CutOff(record);
            return;
        }

        _input.Enter();
        if (record.Begin(ref _input))
        {
            _json.WriteStartObject();
            foreach (var member in record.Members)
            {
                if (_isCutOff) break;
                JsonText.WriteName(_json, member.Name);
                Value(member.Value);
            }

            _json.WriteEndObject();
        }
        else
        {
            _json.WriteNullValue();
        }

        _input.Leave();
    }

    // A case without fields is its name, another an object under its name.
    private void Union(UnionNode union)
    {
        _input.Enter();
        var number = union.ReadCase(ref _input);
        if (number < 0) _json.WriteNullValue();
        else if (union.Cases[number] is { Fields: [] } bare) Text(bare.Name);
        else Case(union.Cases[number]);
        _input.Leave();
    }

    private void Case(CaseNode unionCase)
    {
        _json.WriteStartObject();
        JsonText.WriteName(_json, unionCase.Name);
        _json.WriteStartObject();
        foreach (var field in unionCase.Fields)
        {
            if (_isCutOff) break;
            JsonText.WriteName(_json, field.Name);
            Value(field.Value);
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void Sequence(SequenceNode sequence)
    {
        var count = _input.ReadNullableCount();
        if (count < 0)
        {
            _json.WriteNullValue();
            return;
        }

        if (sequence.HasComparer) _input.ReadByte();
        if (sequence.Element is FixedNode { Kind: FixedKind.Byte }) _json.WriteBase64StringValue(_input.Take(count));
        else if (sequence.IsMap && sequence.Element is RecordNode { Members: [var key, var value] } && JsonText.IsName(key.Value))
            Map(key.Value, value.Value, count);
        else Elements(sequence.Element, count);
    }

    private void Map(SchemaNode key, SchemaNode value, int count)
    {
        _input.Enter();
        _json.WriteStartObject();
        for (; count > 0 && !_isCutOff; count--)
        {
            _input.Step();
            JsonText.WriteName(_json, JsonText.ReadName(key, ref _input));
            Value(value);
        }

        _json.WriteEndObject();
        _input.Leave();
    }

    private void Elements(SchemaNode element, long count)
    {
        _input.Enter();
        _json.WriteStartArray();
        for (; count > 0 && !_isCutOff; count--)
        {
            _input.Step();
            Value(element);
        }

        _json.WriteEndArray();
        _input.Leave();
    }

    private void Rank(RankNode node)
    {
        if (!_input.ReadPresence())
        {
            _json.WriteNullValue();
            return;
        }

        var lengths = node.ReadLengths(ref _input);
        _ = RankNode.Count(lengths);
        Rows(node.Element, lengths, dimension: 0);
    }

    private void Rows(SchemaNode element, int[] lengths, int dimension)
    {
        if (dimension == lengths.Length - 1)
        {
            Elements(element, lengths[dimension]);
            return;
        }

        _json.WriteStartArray();
        for (var left = lengths[dimension]; left > 0 && !_isCutOff; left--)
        {
            _input.Step();
            Rows(element, lengths, dimension + 1);
        }

        _json.WriteEndArray();
    }

    // Only its type knows the end of the value.
    private void CutOff(SchemaNode schema)
    {
        _isCutOff = true;
        _json.WriteStartObject();
        JsonText.WriteName(_json, "$type");
        JsonText.Write(_json, schema.ToString() ?? "");
        _json.WriteBase64String("$bytes", _input.Take(_input.Remaining));
        _json.WriteEndObject();
    }
}
